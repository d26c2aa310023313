"""The languages that the built-in author knows, each as one table of words and patterns."""

import re
from dataclasses import dataclass
from functools import lru_cache

from coursewright.course.errors import BadRequest


@dataclass(frozen=True, kw_only=True)
class Language:
    """What extraction has to know of a language."""

    tag: str
    name: str
    stopwords: frozenset[str]
    """Function words: never a term, never counted."""
    unfit_starts: frozenset[str]
    """A sentence that begins so points back to another one, and does not stand alone."""
    articles: frozenset[str]
    copulas: str
    """Alternatives of a pattern: `is|are`."""
    determiners: str
    """What follows a copula in a definition: `a|an|the|any`."""
    verbs: str
    """Verbs that define: `refers to|means`."""
    before_nouns: frozenset[str]
    """Words after which a noun (phrase) comes."""
    before_verbs: frozenset[str]
    """Words after which a verb or a participle comes."""
    pointing: str
    """Words inside a sentence that point out of it, as alternatives of a pattern."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH = Language(
    tag="en",
    name="English",
    stopwords=_words(
        "a about above after again against all almost along already also although always am among an "
        "and another any anyone anything are aren't around as at away back be became because become "
        "becomes been before being below between both but by called came can can't cannot come could "
        "did do does doesn't doing don't done down during each either else enough even ever every "
        "everyone everything example few first for from further gave get gets give given gives go goes "
        "had has have having he her here hers herself him himself his how however i if in instead into "
        "is isn't it it's its itself just keep kept kind known large last least less let like likely "
        "long lot made mainly make makes making many may me mean means might mine more most mostly much "
        "must my myself near need needs neither never new next no nobody none nor not nothing now of "
        "off often on once one ones only onto or other others our ours ourselves out over own part per "
        "perhaps put quite rather really same second see seen several shall she should show shown shows "
        "since small so some someone something sometimes soon still such take taken takes than that "
        "that's the their theirs them themselves then there therefore these they thing things third "
        "this those though through thus time to together too toward towards two under until up upon us "
        "use used uses using usually very via want was way ways we well were what whatever when where "
        "whether which while who whole whom whose why will with within without would yet you your yours "
        "yourself three four five six seven eight nine ten hundred thousand good better best different"
    ),
    unfit_starts=_words(
        "this that these those it its they their them he she his her such here there then thus hence "
        "therefore however moreover furthermore also instead otherwise consequently similarly likewise "
        "conversely but and or so yet nor because both neither either another others which who what "
        "if once finally second third next meanwhile nevertheless accordingly again still now same "
        "latter former one each above below we you i our your my us"
    ),
    articles=_words("a an the"),
    copulas="is|are|was|were",
    determiners="an?|the|any|one of|some|those|what",
    verbs="refers? to|means?|denotes?|occurs? when|happens? when|is when",
    before_nouns=_words(
        "a an the of in for with by from on as its their his her your our no any all each every some into between through called about using many several two three"
    ),
    before_verbs=_words(
        "to will can could may might must should would not they it you we i that which who is are was were be been being has have had cannot do does did don't doesn't and/or"
    ),
    pointing="this|these|those|such|former|latter|mentioned|above|below|we|us|our|here|for instance|for example|in fact|in other words|as a result|in contrast|in effect|as such|on the contrary|on the other hand|note that|let us|in addition|despite this|similarly|the same",
)
_GERMAN = Language(
    tag="de",
    name="German",
    stopwords=_words(
        "aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin "
        "bis bist da dabei dadurch dafür daher damit dann darauf darin das dass dazu dein dem den denn "
        "der des dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem "
        "einen einer eines einige er es etwa etwas euch für gegen gibt hat hatte hatten habe haben hier "
        "hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden "
        "jeder jedes jedoch jetzt kann kein keine keinen können könnte man manche mehr mein mit muss "
        "müssen nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seit "
        "sich sie sind so sogar solche soll sollte sondern sonst über um und uns unser unter viel viele "
        "vom von vor war waren warum was weil weitere welche welchem welchen welcher wenn wer werden "
        "wie wieder will wir wird wo wurde wurden zu zum zur zwar zwischen zwei drei vier"
    ),
    unfit_starts=_words(
        "dies diese dieser dieses diesen das es er sie ihr sein damit dadurch daher deshalb deswegen "
        "dabei dann so also aber und oder denn jedoch hier dort auch außerdem zudem ferner andererseits "
        "dagegen hingegen folglich somit trotzdem sonst beide solche wir man"
    ),
    articles=_words("der die das den dem des ein eine einen einem einer eines"),
    copulas="ist|sind|war|waren",
    determiners="ein|eine|einer|eines|der|die|das|jede[rs]?|alle",
    verbs="bezeichnet|bedeutet|beschreibt|besteht aus|bezeichnen|heißt",
    before_nouns=_words(
        "der die das den dem des ein eine einen einem einer eines von für mit im am zum zur beim als keine jede jeder"
    ),
    before_verbs=_words("zu wird werden kann können nicht sie es man ist sind war wurde haben hat"),
    pointing="dies|diese|dieser|dieses|diesen|solche|oben|unten|wir|hier|zum Beispiel|dabei|dazu|obige",
)
_FRENCH = Language(
    tag="fr",
    name="French",
    stopwords=_words(
        "a afin ai ainsi alors après au aucun aucune aussi autre autres aux avant avec avoir c ce ceci "
        "cela celle celles celui cependant ces cet cette ceux chaque chez comme comment contre d dans de "
        "depuis des deux doit donc dont du elle elles en encore entre est et été être eu eux fait faire "
        "font hors il ils j je jusqu l la le les leur leurs lors lorsque lui m ma mais me même mêmes mes "
        "moins mon n ne ni non nos notre nous on ont ou où par parce pas peu peut peuvent plus plusieurs "
        "pour pourquoi puis qu quand que quel quelle quelles quels qui quoi s sa sans se selon sera ses "
        "si son sont souvent sous sur t ta tandis tant te tel telle tels tes toi ton tous tout toute "
        "toutes très trois tu un une vers voici voilà vos votre vous y à était étaient"
    ),
    unfit_starts=_words(
        "ce cet cette ces cela ceci il elle ils elles celui celle ceux leur leurs ainsi donc mais et ou "
        "or car cependant toutefois ensuite puis enfin aussi alors également par ici là dont son sa ses "
        "on nous vous je"
    ),
    articles=_words("le la les l' un une des du"),
    copulas="est|sont|était|étaient",
    determiners="une?|les?|la|l['’]|des|tout|toute",
    verbs="désigne|désignent|signifie|décrit",
    before_nouns=_words(
        "le la les un une des du de d l en dans pour avec par sur au aux son sa ses leur chaque"
    ),
    before_verbs=_words("à ne pas il elle ils qui que peut est sont a ont être été"),
    pointing="ce|cet|cette|ces|ci-dessus|ci-dessous|nous|ici|par exemple|celui-ci|celle-ci",
)
_SPANISH = Language(
    tag="es",
    name="Spanish",
    stopwords=_words(
        "a al algo algunas algunos ante antes aquel aquella aquellos así aunque bajo bien cada casi como "
        "con contra cual cuales cuando de del desde después donde dos durante e el él ella ellas ellos "
        "en entre era eran es esa esas ese eso esos esta está están estas este esto estos fue fueron ha "
        "había han hasta hay la las le les lo los luego más me mediante menos mi mientras muy nada ni no "
        "nos nosotros o otra otras otro otros para pero poco por porque puede pueden pues que qué quien "
        "se sea según ser si sí sido sin sino sobre solo son su sus también tan tanto te tiene tienen "
        "toda todas todo todos tras tres tu un una unas uno unos y ya"
    ),
    unfit_starts=_words(
        "esto este esta estos estas eso ese esa aquel él ella ellos ellas lo su sus así pero y o además "
        "también entonces luego después sin por ahí aquí ambos otro otra tal nosotros usted yo"
    ),
    articles=_words("el la los las un una unos unas"),
    copulas="es|son|era|eran|fue|fueron",
    determiners="una?|el|la|los|las|cualquier|todo|toda",
    verbs="significa|designa|describe|se refiere a|se denomina|denota",
    before_nouns=_words("el la los las un una de del en para con por sobre al su sus cada"),
    before_verbs=_words("no se que puede es son ha han ser sido fue"),
    pointing="este|esta|estos|estas|ese|esa|arriba|abajo|nosotros|aquí|por ejemplo",
)
LANGUAGES = {language.tag: language for language in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH)}

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENOUGH_WORDS = 60
"""Below this many words, the share of function words says nothing."""
_CLEARLY = 0.18
"""Running text of a language has about 35 to 50 % of these words, foreign text below 10 %."""

_HARDLY = 0.1
"""Below, it is another language: lists of names and headings still have more."""


def language_of(tag: str) -> Language:
    """The table of a BCP 47 tag. Raises `BadRequest` for a language that is not there."""
    found = LANGUAGES.get(tag.split("-", maxsplit=1)[0].lower())
    if found is None:
        names = ", ".join(language.name for language in LANGUAGES.values())
        raise BadRequest(
            f"the built-in author does not write in {tag!r}; it knows {names}",
            hint="Ask for one of these languages (--language), or use a model: it writes in any.",
        )
    return found


@lru_cache(maxsize=64)
def detect(text: str) -> Language | None:
    """The language of running text by its function words; None when that is not clear."""
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < _ENOUGH_WORDS:
        return None
    shares = {
        language.tag: sum(word in language.stopwords for word in words) / len(words)
        for language in LANGUAGES.values()
    }
    best = max(shares, key=lambda tag: shares[tag])
    return LANGUAGES[best] if shares[best] >= _CLEARLY else None


@lru_cache(maxsize=64)
def is_foreign(text: str, language: Language) -> bool:
    """Whether running text is in some other language, be it one that is not known here."""
    words = [word.lower() for word in _WORD.findall(text)]
    return len(words) >= _ENOUGH_WORDS and (
        sum(word in language.stopwords for word in words) < _HARDLY * len(words)
    )


def words_of(text: str) -> list[str]:
    """The words of a text as they stand, in order; numbers are no words."""
    return _WORD.findall(text)
