"""The Commission's communication template for installations (v2.1.x): read a filled one, fill a blank one, audit one.

``read_template`` (:mod:`.read`) gives the model from the input cells alone; ``fill_template`` (:mod:`.fill`) writes it
into a blank template, touching input cells only; ``audit_template`` (:mod:`.audit`) compares the figures that a
workbook prints with our own. Where every cell stands is data: ``standards/eu-cbam/communication-template/``.
"""
