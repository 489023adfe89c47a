"""EU CBAM for exporters: embedded emissions of goods, the Commission's files, obligation, documents, with proof.

``compute(installation, basis)`` is the calculation (:mod:`zerofactory_mappings.cbam.compute`); subpackages read and
write what goes in and out: ``communication`` (the Commission's workbook), ``qreport`` (transitional XML), ``defaults``
(default values), ``obligation``, ``documents`` (reports, monitoring plan), ``exchange`` (dossier, suppliers).
"""
