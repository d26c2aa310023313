"""The few words that the built-in author adds of its own: questions, headings, spoken links."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Texts with places to fill; `{term}` is a term as within a sentence, `{verb}` is
    `is`, `are`, `was` or `were`; languages that need no verb leave it out.
    """

    what_is: str
    who_is: str
    which_term: str
    explain: str
    explain_who: str
    distinguish: str
    summarise: str
    takeaways: str
    faq: str
    deep_dive: str
    what_about: str
    in_depth: str
    podcast: str
    lecture: str
    welcome: str
    parts: str
    links: tuple[str, ...]
    recap: str
    goodbye: str
    open_term: str
    deeper: str
    from_text: str
    and_: str


WORDINGS = {
    "en": Wording(
        what_is="What {verb} {term}?",
        who_is="Who {verb} {term}?",
        which_term="Which term means: “{text}”?",
        explain="Explain what {term} {verb}",
        explain_who="Explain who {term} {verb}",
        distinguish="Distinguish {one} from {other}",
        summarise="Summarise what is said about {term}",
        takeaways="Key takeaways",
        faq="Frequently asked questions",
        deep_dive="Deep dive: {terms}",
        what_about="What should one know about {term}?",
        in_depth="{title} in depth",
        podcast="{title} in a few minutes",
        lecture="{title}: the lecture",
        welcome="Welcome. This episode is about {title}.",
        parts="It has {count} parts.",
        links=(
            "First: {title}.",
            "Next, we turn to {title}.",
            "Now to {title}.",
            "Let us go on with {title}.",
        ),
        recap="Let us look back at what matters most.",
        goodbye="That was {title}. Thank you for listening.",
        open_term="The course mentions it {count} times without explaining it in full.",
        deeper="It carries most of this course; its sources have more to say about it.",
        from_text="Chapter {number}, {title}",
        and_="and",
    ),
    "de": Wording(
        what_is="Was versteht man unter „{term}“?",
        who_is="Was versteht man unter „{term}“?",
        which_term="Welcher Begriff ist gemeint: „{text}“?",
        explain="Den Begriff „{term}“ erklären",
        explain_who="Den Begriff „{term}“ erklären",
        distinguish="„{one}“ von „{other}“ unterscheiden",
        summarise="Zusammenfassen, was über „{term}“ gesagt wird",
        takeaways="Das Wichtigste",
        faq="Häufige Fragen",
        deep_dive="Vertiefung: {terms}",
        what_about="Was sollte man über „{term}“ wissen?",
        in_depth="{title} im Detail",
        podcast="{title} in wenigen Minuten",
        lecture="{title}: die Vorlesung",
        welcome="Willkommen. In dieser Folge geht es um {title}.",
        parts="Sie hat {count} Teile.",
        links=(
            "Zuerst: {title}.",
            "Als Nächstes: {title}.",
            "Nun zu: {title}.",
            "Weiter mit: {title}.",
        ),
        recap="Werfen wir einen Blick zurück auf das Wichtigste.",
        goodbye="Das war {title}. Danke fürs Zuhören.",
        open_term="Der Kurs nennt es {count}-mal, ohne es ganz zu erklären.",
        deeper="Es trägt einen großen Teil dieses Kurses; die Quellen haben dazu mehr zu sagen.",
        from_text="Kapitel {number}, {title}",
        and_="und",
    ),
    "fr": Wording(
        what_is="Que désigne « {term} » ?",
        who_is="Que désigne « {term} » ?",
        which_term="Quel terme correspond à : « {text} » ?",
        explain="Expliquer le terme « {term} »",
        explain_who="Expliquer le terme « {term} »",
        distinguish="Distinguer « {one} » de « {other} »",
        summarise="Résumer ce qui est dit de « {term} »",
        takeaways="L’essentiel",
        faq="Questions fréquentes",
        deep_dive="Pour aller plus loin : {terms}",
        what_about="Que faut-il savoir de « {term} » ?",
        in_depth="{title} en détail",
        podcast="{title} en quelques minutes",
        lecture="{title} : le cours",
        welcome="Bienvenue. Cet épisode parle de : {title}.",
        parts="Il comporte {count} parties.",
        links=(
            "D’abord : {title}.",
            "Ensuite : {title}.",
            "Passons à : {title}.",
            "Continuons avec : {title}.",
        ),
        recap="Revenons sur l’essentiel.",
        goodbye="C’était {title}. Merci de votre écoute.",
        open_term="Le cours le mentionne {count} fois sans l’expliquer entièrement.",
        deeper="Une grande partie du cours repose dessus ; les sources en disent davantage.",
        from_text="Chapitre {number}, {title}",
        and_="et",
    ),
    "es": Wording(
        what_is="¿Qué significa «{term}»?",
        who_is="¿Qué significa «{term}»?",
        which_term="¿Qué término corresponde a: «{text}»?",
        explain="Explicar el término «{term}»",
        explain_who="Explicar el término «{term}»",
        distinguish="Distinguir «{one}» de «{other}»",
        summarise="Resumir lo que se dice sobre «{term}»",
        takeaways="Lo esencial",
        faq="Preguntas frecuentes",
        deep_dive="En profundidad: {terms}",
        what_about="¿Qué conviene saber sobre «{term}»?",
        in_depth="{title} en detalle",
        podcast="{title} en pocos minutos",
        lecture="{title}: la clase",
        welcome="Bienvenidos. Este episodio trata de {title}.",
        parts="Tiene {count} partes.",
        links=(
            "Primero: {title}.",
            "A continuación: {title}.",
            "Ahora: {title}.",
            "Sigamos con {title}.",
        ),
        recap="Repasemos lo más importante.",
        goodbye="Esto fue {title}. Gracias por escuchar.",
        open_term="El curso lo menciona {count} veces sin explicarlo del todo.",
        deeper="Gran parte del curso se apoya en ello; las fuentes dicen más.",
        from_text="Capítulo {number}, {title}",
        and_="y",
    ),
}
