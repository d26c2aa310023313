# ruff: noqa: E501 - running text
"""A small document of our own on money, and how documents become material."""

import re
from uuid import UUID, uuid5

from coursewright.authors.extraction import definitions, sentences
from coursewright.authors.extraction.analysis import Analysis
from coursewright.authors.extraction.definitions import Definition
from coursewright.authors.extraction.languages import language_of
from coursewright.course.sources import (
    Material,
    Passage,
    PassageKind,
    Place,
    Source,
    SourceKind,
)

ENGLISH = language_of("en")
_SPACE = UUID("8c7f1a52-6f0e-4b1c-9d9e-0f3b6f3c2a11")

MONEY = """
# A short book on money

## Money and prices

Money is whatever people commonly accept in exchange for goods. It spares them the search for somebody who has what they want and wants what they have. Barter is the direct exchange of one good for another. Barter works in a village, but a city with thousands of trades cannot live on it for long.

Inflation is a lasting rise of the general level of prices. During inflation each coin buys a little less than it did the year before. Deflation is a lasting fall of the general level of prices. During deflation buyers wait, because goods will be cheaper next month. A price index is a figure that compares the cost of a fixed basket with the cost in a base year.

The Bank of Amsterdam opened in 1609 and kept the accounts of merchants from all over Europe. Sweden printed the first banknotes of Europe in 1661, because copper coins were too heavy to carry. A central bank is an institution that issues the money of a country and watches over its banks. Most central banks aim at inflation of about two percent a year.

## Saving and lending

A deposit is a sum that a saver leaves with a bank. Interest is the price that a borrower pays for the use of money. Savers are paid too. A saver who leaves a deposit of 100 coins at five percent owns 105 coins after a year. Compound interest is interest that is paid on earlier interest as well as on the deposit.

A loan is a sum that a lender hands to a borrower for a time. Collateral is property that a borrower promises to a lender in case the loan is not paid back. A mortgage is a loan that is secured by a house or a piece of land. A down payment is the part of the price that the buyer of a house pays at once. Without collateral a lender asks for higher interest, since the danger of losing the loan is greater.

- Annuity: a stream of equal payments that are made in equal steps of time
- Default: the failure of a borrower to pay back a loan when it is due

## Bonds and shares

A bond is a loan that a state or a company divides into equal pieces and sells to savers. The coupon is the interest that the owner of a bond receives each year. Maturity is the day on which a bond is paid back. A bond with a long maturity loses more of its price when interest rises than one with a short maturity.

A share is a piece of a company that gives its owner a part of the profit. A dividend is the part of the profit that a company pays out to the owners of its shares. The Dutch East India Company sold its first shares in 1602 to more than a thousand people. A stock exchange is a market where shares and bonds change hands. The exchange of New York grew out of an agreement that 24 brokers signed in 1792.

Diversification is the spreading of savings over many different shares and bonds. Diversification lowers the danger that one bad company ruins a saver. A fund is a pool of money that a manager invests for many savers. Jacques Necker was a Swiss banker who ran the finances of France before the Revolution.

## Insurance and tax

Insurance is a contract that moves a danger from one person to a company for a price. A premium is the price that a customer pays for insurance. A deductible is the part of a damage that the customer bears alone. With a high deductible the premium becomes lower, since small damages are never reported.

A tax is a payment that the state demands without a direct return. A progressive tax is a tax whose rate rises with the income of the payer. A flat tax is a tax whose rate is the same for all incomes. A budget is a plan of what comes in and what goes out over a year. A deficit is the amount by which spending exceeds income in a budget. A surplus is the amount by which income exceeds spending in a budget. Great Britain first raised an income tax in 1799 to pay for its war against France.
"""

GERMAN = """
## Die Zelle

Die Osmose ist die Bewegung von Wasser durch eine Membran. Ein Zellkern ist ein Körper, der das Erbgut der Zelle enthält und ihre Arbeit steuert. Eine Membran ist eine dünne Haut, die das Innere der Zelle von der Umgebung trennt. In den Blättern der Pflanzen wird aus Wasser und Luft mit der Kraft des Lichts Zucker gebildet. Die Photosynthese ist der Vorgang, bei dem Pflanzen mit Licht Zucker herstellen.
"""


def material(*documents: str, titles: tuple[str, ...] = (), origin: str = "book.md") -> Material:
    """Documents in a small part of Markdown: headings, items of lists, paragraphs."""
    sources: list[Source] = []
    passages: list[Passage] = []
    for number, document in enumerate(documents):
        source_id = uuid5(_SPACE, f"{number}/{document}/{titles}/{origin}")
        title = titles[number] if titles else "A short book on money"
        sources.append(Source(id=source_id, kind=SourceKind.FILE, title=title, origin=origin))
        passages += _passages(source_id, document)
    return Material(sources=tuple(sources), passages=tuple(passages))


def _passages(source_id: UUID, document: str) -> list[Passage]:
    above: list[str] = []
    found: list[Passage] = []
    for line in filter(None, (line.strip() for line in document.split("\n"))):
        mark = re.match(r"(#+|-) ", line)
        kind, text, level = PassageKind.PARAGRAPH, line, None
        if mark:
            text = line[mark.end() :]
            kind = PassageKind.LIST_ITEM
        if mark and mark[1] != "-":
            kind, level = PassageKind.HEADING, len(mark[1])
            above = above[: level - 1]
        found.append(passage(text, kind, source_id, len(found), tuple(above), level))
        if level:
            above.append(text)
    return found


def passage(
    text: str,
    kind: PassageKind = PassageKind.PARAGRAPH,
    source_id: UUID = _SPACE,
    ordinal: int = 0,
    headings: tuple[str, ...] = (),
    level: int | None = None,
) -> Passage:
    return Passage(
        id=uuid5(source_id, str(ordinal)),
        source_id=source_id,
        ordinal=ordinal,
        kind=kind,
        text=text,
        place=Place(headings=headings, paragraph=ordinal + 1),
        level=level,
    )


def of_passages(*passages: Passage) -> Material:
    """Material of passages that were made by hand."""
    source = Source(id=_SPACE, kind=SourceKind.FILE, title="By hand", origin="hand.txt")
    return Material(sources=(source,), passages=passages)


def analysis(text: str, tag: str = "en") -> Analysis:
    """What is known of a document."""
    return Analysis(sentences.of_passages(material(text).passages), language_of(tag))


def defined(
    text: str, tag: str = "en", kind: PassageKind = PassageKind.PARAGRAPH
) -> dict[str, Definition]:
    """The definitions of one passage, by term."""
    found = definitions.find(sentences.of_passages([passage(text, kind)]), language_of(tag))
    return {definition.term: definition for definition in found}
