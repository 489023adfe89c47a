"""CBAM obligation of imports from 2026: certificates and cost by default and actual data, threshold, holding, outlook.

``read_obligation`` reads and checks a list of consignments, ``obligation`` computes, ``write`` gives workbook, page and
JSON. Everything follows the definitive rules (Regulation 2023/956; 2025/2547, 2025/2620, 2025/2621) and every figure
that rests on second-hand law or on an assumption of the user says so.
"""
