"""Products: embedded emissions per unit of sale, what they contain, their free allocation (2025/2547 Annex III B;
2025/2620)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.problems import Severity
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.allocation import Allocation
from zerofactory_mappings.cbam.attribution import Attributed
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.embedded import Embedded
from zerofactory_mappings.cbam.model import Basis, Installation, Product
from zerofactory_mappings.cbam.precursors import PrecursorValue
from zerofactory_mappings.cbam.result import PrecursorShare, ProductResult

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(slots=True)
class Goods:
    """Results per product; free allocation per functional unit of processes and per unit of precursors."""

    results: tuple[ProductResult, ...] = ()
    allocations: Mapping[str, Figure] = field(default_factory=dict)
    of_precursors: Mapping[str, Figure] = field(default_factory=dict)

    def precursor_allocation(self, value: PrecursorValue) -> Decimal | None:
        """Specific embedded free allocation of a bought precursor, tCO2e per unit."""
        found = self.of_precursors.get(value.precursor.id)
        return None if found is None else found.value


def products(book: Book, basis: Basis, installation: Installation, embedded: Embedded, factor_year: int | None,
             readings: Mapping[str, str]) -> Goods:
    """The products of *installation*; free allocation only under the definitive basis, by the *readings* chosen."""
    goods = Goods()
    allocation = None
    if basis is Basis.DEFINITIVE:
        allocation = Allocation(book, installation, embedded, factor_year, readings)
        goods.allocations, goods.of_precursors = allocation.of_processes(), allocation.precursors
    contents = embedded.chain.contents() if installation.products else {}
    goods.results = tuple(_product(book, basis, embedded, contents, allocation, p, n)
                          for n, p in enumerate(installation.products, 1))
    return goods


def _product(book: Book, basis: Basis, embedded: Embedded, contents: Mapping[str, Mapping[tuple[bool, str], Decimal]],
             allocation: Allocation | None, product: Product, number: int) -> ProductResult:
    if product.process not in embedded.attributed:
        book.report("cbam.unknown-process", product.place, found=product.process,
                    accepted=", ".join(embedded.attributed))
        return ProductResult(product.process, product.process, product.cn, product.name, None, None, None, None, None,
                             None, None, (), None)
    attributed, figures = embedded.attributed[product.process], embedded.figures[product.process]
    cn_code = _read_cn(book, product, attributed)
    content = _content(book, product, attributed, number) if basis is Basis.DEFINITIVE else None
    sale_unit = attributed.category.unit_transitional if attributed.category else "t"

    def per_sale(figure: Figure, name: str) -> Figure:
        if content is None:
            return figure
        return book.apply("E64", f"product:{number}/{name}", f"{figure.unit}/{sale_unit}", figure, content)

    sefa = None if allocation is None else per_sale(allocation.of_product(product, number), "sefa").value
    shares = tuple(_share(embedded, key, amount) for key, amount in contents.get(product.process, {}).items())
    return ProductResult(
        attributed.process.name, product.process, cn_code, product.name,
        per_sale(figures.see_direct, "see-direct").value, per_sale(figures.see_indirect, "see-indirect").value,
        f"tCO2e/{sale_unit}", sefa, figures.default_share, per_sale(figures.embedded_electricity, "electricity").value,
        next((u.code for u in attributed.process.electricity if u.code),
             None), shares, embedded.weakest(product.process))


def _share(embedded: Embedded, key: tuple[bool, str], amount: Decimal) -> PrecursorShare:
    bought, name = key
    if bought:
        value = embedded.values[name]
        return PrecursorShare(name, value.precursor.name, value.precursor.country, True, amount, value.direct.value,
                              value.indirect.value, str(value.source))
    figures = embedded.figures[name]
    return PrecursorShare(name, embedded.attributed[name].process.name, None, False, amount, figures.see_direct.value,
                          figures.see_indirect.value, "own")


def _read_cn(book: Book, product: Product, attributed: Attributed) -> str | None:
    """The 8-digit code of a product, as written where it is none; it must be of the category that its process makes."""
    if product.cn is None:
        book.report("cbam.product-without-cn", product.place, Severity.WARNING, found=product.name)
        return None
    reading = scope.read_cn(product.cn, place=product.place)
    book.extend(reading.problems)
    made = attributed.category
    if reading.good is not None and made is not None and reading.good.category.id != made.id:
        book.report("cbam.product-category", product.place, Severity.WARNING,
                    found=f"{product.cn}: {reading.good.category.id}",
                    accepted=made.id)
    return product.cn if reading.good is None else reading.good.cn


def _content(book: Book, product: Product, attributed: Attributed, number: int) -> Figure | None:
    """Functional units per unit of sale (t clinker per t, kg N per t); None where they are the same."""
    category = attributed.category
    if category is None or attributed.functional_unit in {None, category.unit_transitional}:
        return None
    if product.content is not None:
        return book.given(f"product:{number}/content", product.content)
    return attributed.content
