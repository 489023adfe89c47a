"""Installations made up by hand, one or more for every sector, and one for every trap of the workbook.

The figures are plausible for their sector but belong to no plant. What each case is about stands above it.
"""

from __future__ import annotations

from tests.mappings.cbam.workbook_oracle.plan import (
    Chp,
    Formula,
    Meter,
    Pfc,
    Plan,
    Precursor,
    Process,
    Product,
    Stated,
    Stream,
    rows,
)


def _coal(amount: str, **more: str) -> Stream:
    return Stream("combustion", "coal", amount, "t", "25.8", "94.6", "tCO2/TJ", **more)


def _gas(amount: str, **more: str) -> Stream:
    return Stream("combustion", "natural gas", amount, "1000Nm3", "35.588", "56.1", "tCO2/TJ", **more)


# A dry kiln with coal, refuse of which a part is biomass, and raw meal; the mill takes most of the clinker. Calcined clay
# and aluminous cement come from their own kilns. Clinker is bought as well, its value a default.
CEMENT = Plan(
    "Cement", streams=rows(
        _coal("152340.5", oxidation="99.5"),
        Stream("combustion", "refuse", "41200", "t", "17.4", "83.7", "tCO2/TJ", oxidation="98", biomass="42.5"),
        Stream("process", "raw meal", "1685400", "t", ef="0.3312", ef_unit="tCO2/t", conversion="99.2"),
        Stream("process", "kiln dust", "8350", "t", ef="0.4212", ef_unit="tCO2/t"),
        _gas("6150"), Stream("process", "bauxite", "5000", "t", ef="0.021", ef_unit="tCO2/t", conversion="100")),
    processes=rows(
        Process("cement_clinker", "Kiln 1", {1: "1104250"}, to_market="204250", to={2: "870000", 3: "10000"},
                to_other="20000", direct="928331.25", power="72880", power_ef="0.5703", power_code="D.4(a)",
                heat_applies=False, gas_applies=False),
        Process("cement", "Mill", {1: "1180000"}, to_market="1180000", direct="0", power="44250.75", power_ef="0.5703",
                power_code="D.4(a)", heat_applies=False, gas_applies=False),
        Process("calcined_clays", "Clay kiln", {1: "96000"}, to={2: "95000"}, to_market="1000", direct="12114.4",
                power="5300", power_ef="0.5703", power_code="D.4(a)"),
        Process("aluminous_cement", None, {1: "15500"}, to_market="15500", direct="7331", power="1701",
                power_ef="0.5703", power_code="D.4(a)")),
    precursors=rows(Precursor("cement_clinker", "Clinker abroad", "TR", {1: "60000"}, {2: "58500"}, "1500", "0.812",
                              "0.071", "0.44", source="default", power_source="measured", code="D.4(b)")),
    products=rows(Product(1, "25231000", "Clinker"), Product(2, "25232900", "CEM II/A-S 42.5"),
                  Product(3, "25070080", "Calcined clay"), Product(4, "25233000", "CAC 40")),
    stated=Stated(indirect="72000"))

# Steam reforming feeds ammonia, ammonia feeds acid and urea, all of them feed the granulator. N2O and the flue gas of the
# reformer are measured continuously, a part of that gas is biogenic. The acid plant gives heat to the urea plant.
FERTILISER = Plan(
    "Fertiliser", streams=rows(_gas("231000"), _gas("9400", biomass="12"),
                               Stream("process", "feed gas", "402000", "1000Nm3", ef="1.9963", ef_unit="tCO2/1000Nm3")),
    meters=rows(Meter("N2O", "tail gas", "0.31", "8244", "188.4"),
                Meter("CO2", "reformer", "152.4", "8322.5", "96.2", "15"),
                Meter("N2O", "start-up", "64.2925", "4", "265", "0"), Meter(None, "not used", "1", "1", "1")),
    processes=rows(
        Process("hydrogen", "Reformer", {1: "98500"}, to_market="1500", to={2: "97000"}, direct="871204.75",
                heat_applies=True, heat_in="0", heat_out="812.5", heat_in_ef="0", heat_out_ef="61.7", power="41000",
                power_ef="0.581", power_code="D.4(a)"),
        Process("ammonia", "Synthesis", {1: "540000"}, to_market="90000", to={3: "132000", 4: "318000"}, direct="140.5",
                heat_applies=True, heat_in="212", heat_in_ef="61.7", heat_out="0", heat_out_ef="0", power="151000.4",
                power_ef="0.581", power_code="D.4(a)"),
        Process("nitric_acid", "Acid", {1: "462000"}, to_market="12000", to={5: "450000"}, direct="20411.06",
                heat_applies=True, heat_in="0", heat_in_ef="0", heat_out="640", heat_out_ef="0", power="3950",
                power_ef="0.581", power_code="D.4(a)"),
        Process("urea", "Urea", {1: "551000"}, to_market="401000", to={5: "150000"}, direct="-1200", heat_applies=True,
                heat_in="1850.75", heat_in_ef="58.3", heat_out="0", heat_out_ef="0", power="60500", power_ef="0.581",
                power_code="D.4(a)"),
        Process("mixed_fertilisers", "Granulation", {1: "880000"}, to_market="880000", direct="6120", power="33000",
                power_ef="0.581", power_code="Mix")),
    precursors=rows(Precursor("ammonia", "Ammonia by ship", "RU", {1: "20000", 4: "5000"}, {3: "15000", 5: "10000"}, None,
                              "2.104", "0.9", "0.37", source="measured", code="D.4(a)"),
                    Precursor("urea", None, "EG", {1: "12500"}, {5: "12500"}, direct="1.31", power="0.18", power_ef="0.46",
                              source="unknown", power_source="default", code="D.4(b)")),
    products=rows(Product(2, "28141000", "Ammonia"), Product(3, "28080000", "Acid 60"), Product(4, "31021090", "Urea"),
                  Product(5, "31052010", "NPK 15-15-15"), Product(5, "31052090", "NPK 12-8-16")))

# One process for each route of hydrogen, and one that uses them all.
HYDROGEN = Plan(
    "Hydrogen", streams=rows(_gas("88000"), _coal("3300")),
    processes=rows(
        Process("hydrogen", "Reforming", {1: "31200"}, to_market="31200", direct="281400", power="9900", power_ef="0.41"),
        Process("hydrogen", "Electrolysis", {2: "1850.5"}, to_market="1850.5", direct="0", power="101777.5",
                power_ef="0.031", power_code="D.4.3.1"),
        Process("hydrogen", "Chlor-alkali", {3: "904"}, to_market="900", to_other="4", direct="0", power="38000",
                power_ef="0.41"),
        Process("hydrogen", "By-product", {4: "2210"}, to_market="2210", direct="5120.25", power="120", power_ef="0.41"),
        Process("hydrogen", "Not known", {5: "75"}, to_market="75", direct="700", power="0", power_ef="0.41"),
        Process("hydrogen", "All routes", {1: "100", 2: "200", 3: "300", 4: "400", 5: "500"}, to_market="1500",
                direct="9000", power="12000.5", power_ef="0.41")),
    products=rows(*(Product(p, "28041000", f"H2 {p}") for p in range(1, 7))))

# Sinter to pig iron to the converter to the mill; blast furnace gas goes to a power station outside; pellets and ferro-
# manganese are bought. Carbon is balanced over the whole works.
BLAST_FURNACE = Plan(
    "Blast furnace", streams=rows(
        Stream("mass_balance", "coke", "1450000.5", "t", "28.4", carbon="0.871"),
        Stream("mass_balance", "injected coal", "505000", "t", "29.1", carbon="0.792", biomass="1.5"),
        Stream("mass_balance", "ore", "4985000", "t", carbon="0.00041"),
        Stream("mass_balance", "lime", "211000", "t", carbon="0.0033"),
        Stream("mass_balance", "scrap", "498000", "t", carbon="0.0018"),
        Stream("mass_balance", "steel", "-3300000", "t", carbon="0.0016"),
        Stream("mass_balance", "slag", "-790000", "t", carbon="0.00025"),
        Stream("mass_balance", "tar", "-18000.25", "t", "37", carbon="0.92"), _gas("31000.125", oxidation="99.9")),
    processes=rows(
        Process("sintered_ore", "Sinter", {1: "4410000"}, to_market="0", to={2: "4400000"}, to_other="10000",
                direct="811340.5", power="132000", power_ef="0.62", gas_applies=True, gas_in="1890", gas_out="0"),
        Process("pig_iron", "Furnace", {1: "2950000", 2: "60000"}, to_market="10000", to={3: "3000000"},
                direct="4912004.75", gas_applies=True, gas_in="0", gas_out="14125.5", gas_in_ef="0", gas_out_ef="258.1",
                power="301000.5", power_ef="0.62", export="412000", export_ef="0.71"),
        Process("crude_steel", "Converter", {1: "3290000"}, to_market="0", to={4: "3290000"}, direct="361022.125",
                heat_applies=True, heat_in="120", heat_in_ef="60", heat_out="410.5", heat_out_ef="48.2",
                gas_applies=True, gas_in="0", gas_out="1990", power="118400", power_ef="0.62"),
        Process("iron_or_steel_products", "Hot strip mill", {1: "3150000"}, to_market="3150000", direct="288450",
                gas_applies=True, gas_in="3320", gas_out="0", power="402000", power_ef="0.62")),
    precursors=rows(
        Precursor("sintered_ore", "Pellets", "BR", {1: "650000"}, {2: "650000"}, direct="0.0711", power="0.031",
                  power_ef="0.12", source="default"),
        Precursor("ferro_alloys", "FeMn", "ZA", {1: "31000"}, {2: "1000", 3: "30000"}, direct="1.51", power="2.9",
                  power_ef="0.94", source="measured"),
        Precursor("ferro_alloys", "FeSi", "NO", {1: "9000"}, {3: "9000"}, direct="3.7", power="8.8", power_ef="0.02",
                  source="unknown", power_source="unknown")),
    products=rows(Product(2, "72011011", "Pig iron"), Product(3, "72071111", "Slab"), Product(4, "72083600", "Coil")))

# Sponge iron made with gas and bought hydrogen goes to an arc furnace with all three alloys; the furnace runs on scrap too.
ARC_FURNACE = Plan(
    "Arc furnace", streams=rows(
        _gas("410000"), Stream("process", "electrodes", "4100.5", "t", ef="3.664", ef_unit="tCO2/t"),
        Stream("process", "lime", "61000", "t", ef="0.785", ef_unit="tCO2/t", conversion="4.5"),
        Stream("mass_balance", "alloys", "26200", "t", carbon="0.061"), Stream("mass_balance", "steel", "-1600000", "t",
                                                                               carbon="0.0009")),
    processes=rows(
        Process("direct_reduced_iron", "Shaft", {1: "1310000"}, to_market="50000", to={2: "1260000"}, direct="742100.25",
                power="144100", power_ef="0.388", heat_applies=True, heat_in="15.5", heat_in_ef="61", heat_out="0",
                heat_out_ef="0"),
        Process("crude_steel", "EAF 1", {2: "1205000"}, to_market="5000", to={4: "1200000"}, direct="96110", power="722000",
                power_ef="0.388"),
        Process("crude_steel", "EAF 2 (scrap)", {2: "402500.5"}, to_market="2500.5", to={4: "400000"}, direct="33115.5",
                power="181125", power_ef="0.388"),
        Process("iron_or_steel_products", "Bar mill", {1: "1550000"}, to_market="1550000", direct="91000.75",
                power="155000", power_ef="0.388")),
    precursors=rows(
        Precursor("hydrogen", "Hydrogen", "CN", {2: "9000"}, {1: "9000"}, direct="0", power="55", power_ef="0.02",
                  code="D.4.3.2"),
        Precursor("ferro_alloys", "FeMn", "IN", {1: "12000"}, {2: "8000", 3: "4000"}, direct="1.62", power="3.1",
                  power_ef="0.71", source="default"),
        Precursor("ferro_alloys", "FeCr", "KZ", {1: "9100"}, {2: "9000", 3: "100"}, direct="2.35", power="3.9",
                  power_ef="0.69"),
        Precursor("ferro_alloys", "FeNi", "ID", {1: "5100"}, {2: "5100"}, direct="8.9", power="11.2", power_ef="0.81",
                  source="default"),
        Precursor("pig_iron", "Pig iron", "UA", {1: "40000", 4: "1000"}, {3: "41000"}, direct="1.91", power="0.13",
                  power_ef="0.3")),
    products=rows(Product(1, "72031000", "Briquettes"), Product(2, "72189110", "Stainless slab"),
                  Product(4, "72142000", "Bars"), Product("bar MILL", "72142000", "Bars, written otherwise")))

# Prebake cells by slope, older cells by overvoltage, one row without a collection efficiency; remelting; extrusion.
ALUMINIUM = Plan(
    "Aluminium", streams=rows(
        Stream("process", "anodes", "92400", "t", ef="3.6274", ef_unit="tCO2/t"), _gas("5100.75"),
        Stream("process", "soda", "1250", "t", ef="0.41492", ef_unit="tCO2/t", conversion="97.5")),
    pfc=rows(
        Pfc("slope", "CWPB", "181000", "0.213", "1.17", "0.143", c2f6="0.121", collection="0.985"),
        Pfc("overvoltage", "CD SWPB", "36500.5", overvoltage="1.82", efficiency="93.4", coefficient="1.16", c2f6="0.121"),
        Pfc("slope", "VSS", "9000", "0.92", "2.4", "0.092", overvoltage="9", efficiency="90", coefficient="9", c2f6="0.053",
            collection="0.91")),
    processes=rows(
        Process("unwrought_aluminium", "Potlines", {1: "226500.5"}, to_market="46500.5", to={3: "180000"},
                direct="398204.5", power="3088000", power_ef="0.611"),
        Process("unwrought_aluminium", "Remelting", {2: "88000"}, to_market="8000", to={3: "80000"}, direct="14200.25",
                power="26400", power_ef="0.611"),
        Process("aluminium_products", "Extrusion", {1: "221000"}, to_market="221000", to={2: "0"}, direct="9120.125",
                power="88400", power_ef="0.611")),
    precursors=rows(Precursor("unwrought_aluminium", "Billets", "AE", {1: "5000", 2: "1000"}, {3: "6000"}, direct="2.3",
                              power="14.1", power_ef="0.45", source="default")),
    products=rows(Product(1, "76011010", "Ingots"), Product(2, "76012080", "Billets"), Product(3, "76042910", "Profiles")))

# A power station: its good is electricity, its direct emissions are those of the fuel.
ELECTRICITY = Plan(
    "Electricity", streams=rows(_coal("1203000.5"), _gas("20500"), Stream("combustion", "wood", "88000", "t", "15.6", "112",
                                                                       "tCO2/TJ", biomass="100")),
    processes=rows(Process("electricity", "Block A", {1: "3120000.5"}, to_market="3120000.5", direct="2978210",
                           heat_applies=True, heat_in="0", heat_in_ef="0", heat_out="980", heat_out_ef="62.35")),
    products=rows(Product(1, "27160000", "Electricity")))

# Processes that feed each other: two mills give each other scrap, three works form a circle, one of them takes of itself
# through the others; a precursor is used in the circle.
LOOPS = Plan(
    "Loops", processes=rows(
        Process("crude_steel", "A", {2: "1000"}, to_market="500", to={2: "400", 5: "100"}, direct="700", power="510",
                power_ef="0.6"),
        Process("iron_or_steel_products", "B", {1: "380"}, to_market="250", to={1: "130"}, direct="21.5", power="60",
                power_ef="0.6"),
        Process("crude_steel", "C", {1: "5000"}, to_market="1000", to={4: "4000"}, direct="9100.25", power="800",
                power_ef="0.6"),
        Process("iron_or_steel_products", "D", {1: "3900"}, to_market="1900", to={5: "2000"}, direct="400",
                power="1100.5", power_ef="0.6"),
        Process("crude_steel", "E", {3: "2100"}, to_market="1600", to={3: "499.5"}, to_other="0.5", direct="150",
                power="2000", power_ef="0.6"),
        Process("pig_iron", "F", {1: "100"}, to_market="100", direct="190", power="1", power_ef="0.6")),
    precursors=rows(Precursor("pig_iron", "Pigs", "UA", {1: "600"}, {1: "50", 3: "250", 5: "300"}, direct="1.9",
                              power="0.15", power_ef="0.4", source="default"),
                    Precursor("hydrogen", "Gas", "CN", {4: "10"}, {4: "10"}, direct="9", power="0", power_ef="0")),
    products=rows(*(Product(p, "72071111", f"good {p}") for p in range(1, 7))))

# One process is taken by nine others, and they by the last.
HUB = Plan(
    "Hub", processes={
        1: Process("crude_steel", "Hub", {1: "100000"}, to_market="51400",
                   to={k: f"{k * 900}" for k in range(2, 11)}, direct="180000.5", power="9000", power_ef="0.6"),
        **{k: Process("iron_or_steel_products", f"Line {k}", {1: f"{k}500.25"}, to_market="100", to={10: f"{k}0"},
                      direct=f"{k}1.5", power=f"{k}00", power_ef="0.6") for k in range(2, 10)},
        10: Process("iron_or_steel_products", "Last", {1: "9000"}, to_market="9000", direct="0", power="10",
                    power_ef="0.6")},
    products=rows(*(Product(k, "73181542", f"screw {k}") for k in range(1, 11))))

# Precursors: used by several processes, nothing bought (the workbook then takes 100), sources of every kind or none,
# values left out, names left out, used by a process that does not exist, more used than bought.
PRECURSORS = Plan(
    "Precursors", processes={
        1: Process("iron_or_steel_products", "Wire", {1: "17000"}, to_market="17000", direct="3337.95", power="4000",
                   power_ef="0.7"),
        4: Process("iron_or_steel_products", None, {1: "8200"}, to_market="8200", direct="1610.0001", power="1900",
                   power_ef="0.7"),
        9: Process("iron_or_steel_products", "Nails", {1: "40"}, to_market="40", direct=None, power=None, power_ef="0.7")},
    precursors={
        1: Precursor("crude_steel", "Billet", "CN", {1: "12000", 2: "3000"}, {1: "9000", 4: "5900", 9: "41"}, "59", "1.871",
                     "0.21", "0.66", source="default"),
        3: Precursor("pig_iron", "Nothing bought", "IN", {}, {1: "100", 4: "20"}, direct="2.05", power="0.1",
                     power_ef="0.8", source="default"),
        4: Precursor("pig_iron", "Zero bought", "IN", {1: "0"}, {1: "10"}, direct="2.05", power="0.1", power_ef="0.8",
                     source=None, power_source=None, code=None),
        7: Precursor("ferro_alloys", None, None, {1: "500"}, {1: "400", 2: "50", 4: "50"}, direct=None, power="3.5",
                     power_ef=None, source="unknown"),
        8: Precursor("ferro_alloys", "No power", "NO", {1: "90"}, {4: "90"}, direct="3.1", power=None, power_ef="0.02",
                     source="measured"),
        12: Precursor("hydrogen", "Not used", "CN", {1: "5"}, {}, "5", "10.4", "1", "0.5", source="default"),
        20: Precursor("sintered_ore", "More used than bought", "AU", {1: "10"}, {1: "25", 9: "5"}, direct="0.3",
                      power="0.05", power_ef="0.6")},
    products={2: Product(1, "72171010", "Wire"), 5: Product(4, "73181542", "Screws"), 100: Product(9, "73170080", "Nails")})

# Heat with different factors in and out, one direction only, factors without amounts and amounts without factors; waste gas
# with factors that the workbook does not use; exported electricity that makes direct emissions negative; switches off
# although something is typed.
ENERGY = Plan(
    "Energy", processes=rows(
        Process("iron_or_steel_products", "both ways", {1: "1000"}, to_market="1000", direct="500", heat_applies=True,
                heat_in="12.5", heat_in_ef="64.2", heat_out="3.75", heat_out_ef="55.5", gas_applies=True, gas_in="2.5",
                gas_in_ef="999", gas_out="7.25", gas_out_ef="999", power="100", power_ef="0.5"),
        Process("iron_or_steel_products", "in only", {1: "1000"}, direct="10", heat_in="4", heat_in_ef="64.2", gas_in="1"),
        Process("iron_or_steel_products", "out only", {1: "1000"}, direct="10", heat_out="4", heat_out_ef="64.2",
                gas_out="1", power="7", power_ef=None),
        Process("iron_or_steel_products", "no factor", {1: "1000"}, direct="10", heat_in="4", heat_out="5", power=None,
                power_ef="0.9"),
        Process("iron_or_steel_products", "no amount", {1: "1000"}, direct="10", heat_in_ef="60", heat_out_ef="70"),
        Process("iron_or_steel_products", "switched off", {1: "1000"}, direct="10", heat_applies=False, heat_in="5",
                heat_in_ef="60", heat_out="1", heat_out_ef="61", gas_applies=False, gas_in="3", gas_out="2"),
        Process("crude_steel", "power out", {2: "1000"}, to_market="400", to={8: "600"}, direct="50", power="10",
                power_ef="0.5", export="900", export_ef="0.8"),
        Process("iron_or_steel_products", "takes it", {1: "590"}, direct="1", export="5", export_ef=None),
        Process("iron_or_steel_products", "factor only", {1: "1000"}, direct="-3", export=None, export_ef="0.7")),
    products=rows(*(Product(p, "73181542", f"good {p}") for p in range(1, 10))))

# Totals typed by hand prevail, a zero as well; a total of indirect emissions is nothing but a note.
STATED = Plan(
    "Stated", streams=rows(_coal("1000"), Stream("combustion", "wood", "10", "t", "15", "112", "tCO2/TJ", biomass="90")),
    meters=rows(Meter("N2O", "stack", "0.5", "8000", "10")), pfc=rows(Pfc("slope", "CWPB", "1000", "0.1", "1", "0.1",
                                                                        c2f6="0.1")),
    processes=rows(Process("nitric_acid", "Acid", {1: "100"}, direct="2440", power="5", power_ef="0.6")),
    stated=Stated(co2="2500.75", biomass="0", n2o="0", pfc="12.5", indirect="3.5"))

# Streams that the workbook does not count: something missing, units that do not go together, an alternative that the law
# knows but the sheet does not; and streams that it counts although something optional is missing or out of range.
STREAMS = Plan(
    "Streams", streams=rows(
        Stream("combustion", "complete", "1000", "t", "40", "75", "tCO2/TJ", oxidation="99", biomass="10"),
        Stream("combustion", "by mass", "1000", "t", None, "3.1", "tCO2/t"),
        Stream("combustion", "by volume", "1000", "1000Nm3", "36", "1.9", "tCO2/1000Nm3"),
        Stream("combustion", "unit of the factor", "1000", "t", "40", "3.1", "tCO2/1000Nm3"),
        Stream("combustion", "unit of the amount", "1000", "1000Nm3", "40", "3.1", "tCO2/t"),
        Stream("combustion", "no calorific value", "1000", "t", None, "75", "tCO2/TJ"),
        Stream("combustion", "no factor", "1000", "t", "40", None, "tCO2/TJ"),
        Stream("combustion", "carbon instead", "1000", "t", "40", None, None, carbon="0.8"),
        Stream("combustion", "no amount", None, "t", "40", "75", "tCO2/TJ"),
        Stream("combustion", "no unit", "1000", None, "40", "75", "tCO2/TJ"),
        Stream("combustion", "no unit of the factor", "1000", "t", "40", "75", None),
        Stream("combustion", None, "1000", "t", "40", "75", "tCO2/TJ"),
        Stream(None, "no method", "1000", "t", "40", "75", "tCO2/TJ"),
        Stream("combustion", "conversion ignored", "1000", "t", "40", "75", "tCO2/TJ", conversion="50"),
        Stream("combustion", "nothing oxidised", "1000", "t", "40", "75", "tCO2/TJ", oxidation="0"),
        Stream("combustion", "out of range", "1000", "t", "40", "75", "tCO2/TJ", oxidation="120", biomass="-5"),
        Stream("process", "converted", "1000", "t", None, "0.44", "tCO2/t", conversion="95.5", oxidation="1"),
        Stream("process", "per energy", "1000", "t", "10", "44", "tCO2/TJ", conversion="95.5"),
        Stream("process", "without energy", "1000", "t", None, "44", "tCO2/TJ"),
        Stream("process", "biogenic", "1000", "t", None, "0.44", "tCO2/t", biomass="100"),
        Stream("mass_balance", "in", "1000", "t", carbon="0.5"),
        Stream("mass_balance", "out", "-300", "t", carbon="0.9"),
        Stream("mass_balance", "biogenic", "500", "t", carbon="0.5", biomass="33.3", oxidation="50", conversion="50"),
        Stream("mass_balance", "gas", "500", "1000Nm3", "35", "56", "tCO2/t", carbon="0.52"),
        Stream("mass_balance", "factor instead", "500", "t", "35", "56", "tCO2/TJ"),
        Stream("mass_balance", "no unit", "500", None, carbon="0.52"),
        Stream("mass_balance", "zero", "0", "t", carbon="0.52")),
    processes=rows(Process("cement_clinker", "Kiln", {1: "1"}, direct="1", power="1", power_ef="1")))

# Cells with a factor missing, with no method, and continuous measurement with gaps.
MISSING = Plan(
    "Missing", pfc=rows(
        Pfc("slope", "no slope", "1000", "0.1", "1", None, c2f6="0.1"), Pfc("slope", "no share", "1000", "0.1", "1", "0.1"),
        Pfc("slope", "no aluminium", None, "0.1", "1", "0.1", c2f6="0.1"), Pfc("slope", None, "1000", "0.1", "1", "0.1",
                                                                             c2f6="0.1", collection="0.5"),
        Pfc("overvoltage", "no efficiency", "1000", overvoltage="2", coefficient="1.2", c2f6="0.1"),
        Pfc("overvoltage", "no coefficient", "1000", overvoltage="2", efficiency="95", c2f6="0.1"),
        Pfc("overvoltage", "no overvoltage", "1000", efficiency="95", coefficient="1.2", c2f6="0.1"),
        Pfc(None, "no method", "1000", "0.1", "1", "0.1", c2f6="0.1"), Pfc("slope", "name only")),
    meters=rows(Meter("CO2", "no flow", "100", "8000"), Meter("N2O", "no hours", "100", None, "5"), Meter("CO2", None, "1000",
                "100", "2.5", "50"), Meter(None, "no gas", "1000", "100", "2.5"), Meter("CO2", "gas only")),
    processes=rows(Process("unwrought_aluminium", "Cells", {1: "1000"}, direct="1", power="1", power_ef="1")))

# Processes with gaps in their numbers, without names, with names that differ in nothing but an underscore, and products
# that name their process in other letters; a category in a list without any entry.
NAMES = Plan(
    "Names", processes={
        2: Process("crude_steel", None, {2: "10"}, to={5: "4"}, to_market="6", direct="3", power="2", power_ef="0.5"),
        5: Process("iron_or_steel_products", "A_B", {1: "5"}, to={7: "1"}, direct="1", power="1", power_ef="0.5"),
        6: Process("iron_or_steel_products", "A", {1: "7"}, to={7: "2"}, direct="2", power="1", power_ef="0.5"),
        7: Process("iron_or_steel_products", "B_C", {1: "9"}, direct="3", power="1", power_ef="0.5"),
        8: Process("calcined_clays", None, {1: "9"}, direct="3", power="1", power_ef="0.5"),
        10: Process("iron_or_steel_products", "Walzwerk Süd – Straße 1 (neu) & Söhne", {1: "9"}, direct="3", power="1",
                    power_ef="0.5")},
    precursors={2: Precursor("pig_iron", "B", "CN", {1: "3"}, {5: "1", 7: "2"}, direct="2", power="0", power_ef="0"),
                19: Precursor("calcined_clays", None, "CN", {1: "3"}, {8: "1"}, direct="2", power="0", power_ef="0")},
    products={1: Product(2, "72071111"), 2: Product("a_b", "73181542"), 3: Product(10, "73181542"),
              50: Product(8, "25070080"), 51: Product("WALZWERK SÜD – STRAßE 1 (NEU) & SÖHNE", "73181542")})

# Formulas that users type: arithmetic, references to other entries, sums; with and without a stored result.
FORMULAS = Plan(
    "Formulas", streams=rows(
        Stream("combustion", "gas", Formula("=1200+37.5*2", "1275"), "t", Formula("=H18", "48"), Formula("=J18*1.02", "57.222",
               stored=True), "tCO2/TJ", oxidation=Formula("=99.5", "99.5", stored=True)),
        Stream("combustion", "gas again", Formula("=-(2-5)*100^1", "300"), "t", "48", "56.1", "tCO2/TJ",
               biomass=Formula("=100*12%", "12"))),
    processes=rows(
        Process("iron_or_steel_products", "Screws", {1: Formula("=17000", "17000", stored=True)},
                to_market=Formula("=L16", "17000"), direct=Formula("=(17000*3.5)*(B_EmInst!J18/1000)", "3337.95"),
                power=Formula("=SUM(1000,2000.5,'D_Processes'!L130)", "3920.5"), power_ef=Formula("=L131", "0.62", stored=True),
                heat_in=Formula("=ROUND(10/3,2)", "3.33"), heat_in_ef=Formula("=MAX(55,60.25)", "60.25")),
        Process("iron_or_steel_products", "Nuts", {1: "8200"}, to_market="8200",
                direct=Formula("=D_Processes!L54*0.5", "1668.975"), power="920", power_ef="0.62")),
    precursors=rows(Precursor("iron_or_steel_products", "Rod", "CN", {1: Formula("=20000-1000", "19000")},
                              {1: Formula("=L17*0.9", "17100"), 2: Formula("=L17-L28", "1900", stored=True)}, direct="2.1",
                              power=Formula("=0.204/0.6", "0.34"), power_ef="0.6")),
    products=rows(Product(1, "73181542"), Product(2, "73181692")))

# The same with references into what the workbook works out by itself: only a workbook can say what they give.
REFERENCES = Plan(
    "References", streams=rows(_gas("1000.5"), Stream("combustion", "wood", "100", "t", "15", "112", "tCO2/TJ", biomass="90"),
                             Stream("process", "lime", "50", "t", ef="0.44", ef_unit="tCO2/t")),
    meters=rows(Meter("N2O", "stack", "0.5", "8000", "10"), Meter("CO2", "stack 2", "100", "800", "10", "20", "5", "1")),
    pfc=rows(Pfc("slope", "CWPB", "1000", "0.1", "1", "0.1", c2f6="0.1", collection="0.98")),
    stated=Stated(n2o="10000", indirect=Formula("=D_Processes!T66+D_Processes!T131")),
    processes=rows(
        Process("iron_or_steel_products", "One", {1: "17000"}, to_market=Formula("=L24"),
                direct=Formula("='C_Emissions&Energy'!H27-B_EmInst!AU19"), power="4000", power_ef="0.6",
                heat_in=Formula("='C_Emissions&Energy'!H15/2"), heat_in_ef=Formula("=F_Tools!K49"),
                heat_out=Formula("=F_Tools!K21/10"), heat_out_ef=Formula("=F_Tools!K76"),
                gas_in=Formula("=Parameters_Constants!B13/56.1")),
        Process("iron_or_steel_products", "Two", {1: "9000"}, to_market=Formula("=L89-L105"),
                direct=Formula("=B_EmInst!AU19+'C_Emissions&Energy'!K32+'C_Emissions&Energy'!J27+B_EmInst!AU98"),
                power=Formula("=F_Tools!L21*0.1"), power_ef=Formula("=F_Tools!M49*3.6/1000"), export=Formula("=F_Tools!L21*0.9"),
                export_ef=Formula("=F_Tools!M49*0.0036"))),
    precursors=rows(Precursor("iron_or_steel_products", "Rod", "CN", {1: "20000"}, {1: Formula("=L25*0.75"),
                                                                                  2: Formula("=L25-L28")},
                              direct=Formula("=D_Processes!T54/D_Processes!L24"), power="0.5", power_ef="0.6"),
                    Precursor("iron_or_steel_products", "Wire", "CN", {1: "200"}, {1: "200"},
                              direct=Formula("=E_PurchPrec!L52*2"), power="0.5", power_ef="0.6")),
    products=rows(Product(1, "73181542"), Product(2, "73181692")),
    chp=(Chp("912.5", "301.25", "61000", "51191.25", "120"), Chp("100", "60", None, "5610", reference_heat="0.9")))

# Two plants with cogeneration: the tool alone changes nothing; efficiencies of the law stand in where energy is unknown.
COGENERATION = Plan(
    "Cogeneration", processes=rows(Process("ammonia", "Plant", {2: "1000"}, direct="100", power="1", power_ef="1")),
    chp=(Chp("1000", "350", "80000", "56100", "45.5", reference_power="0.525"),
         Chp("88.25", "41", "9000.5", "8348.45", reference_heat="0.92", reference_power="0.53")))

# Nothing is produced: the workbook prints zeros, this project says that it is not known.
NOTHING_MADE = Plan(
    "Nothing made", processes=rows(
        Process("crude_steel", "none", {}, to={2: "5"}, direct="10", power="1", power_ef="1"),
        Process("iron_or_steel_products", "takes it", {1: "10"}, to={3: "4"}, direct="1", power="1", power_ef="1"),
        Process("iron_or_steel_products", "takes that", {1: "10"}, direct="1", power="1", power_ef="1"),
        Process("iron_or_steel_products", "zero", {1: "0"}, direct="1", power="1", power_ef="1"),
        Process("iron_or_steel_products", "apart", {1: "2"}, direct="1", power="1", power_ef="1")),
    products={1: Product(5, "73181542")}, unknown=frozenset({1, 2, 3, 4}))


def _full() -> Plan:
    """As much as the template holds."""
    return Plan(
        "Full", streams={n: Stream("combustion", f"fuel {n}", f"{n * 37}.5", "t", f"{20 + n % 25}", f"{50 + n}", "tCO2/TJ",
                                   biomass=f"{n % 10}") for n in range(1, 76)},
        pfc={n: Pfc("slope", "CWPB", f"{n}000", f"0.{n}", "1.1", "0.143", c2f6="0.12") for n in range(1, 11)},
        meters={n: Meter("N2O" if n % 2 else "CO2", f"stack {n}", f"{n}.25", f"80{n:02d}", f"{n * 3}") for n in range(1, 11)},
        processes={p: Process("iron_or_steel_products" if p > 5 else "crude_steel", f"Line {p}", {1: f"{p}0000"},
                              to_market=f"{p}000", to={k: f"{k * p}.5" for k in range(1, 11) if k != p},
                              direct=f"{p}1234.5", power=f"{p}321", power_ef=f"0.{p}", heat_in=f"{p}", heat_in_ef="60",
                              heat_out=f"0.{p}", heat_out_ef="50", gas_in="1", gas_out="2", export=f"{p}", export_ef="0.5")
                   for p in range(1, 11)},
        precursors={q: Precursor("pig_iron" if q % 2 else "ferro_alloys", f"Input {q}", "CN", {1: f"{q}00"},
                                 {p: f"{q}.{p}" for p in range(1, 11)}, "0", f"1.{q}", f"0.{q}", "0.6",
                                 source=("measured", "default", "unknown")[q % 3]) for q in range(1, 21)},
        products={n: Product((n - 1) % 10 + 1, "73181542" if (n - 1) % 10 > 4 else "72071111", f"good {n}")
                  for n in range(1, 101)})


FULL = _full()

CASES: dict[str, Plan] = {
    "cement": CEMENT, "fertiliser": FERTILISER, "hydrogen": HYDROGEN, "blast-furnace": BLAST_FURNACE,
    "arc-furnace": ARC_FURNACE, "aluminium": ALUMINIUM, "electricity": ELECTRICITY, "loops": LOOPS, "hub": HUB,
    "precursors": PRECURSORS, "energy": ENERGY, "stated": STATED, "streams": STREAMS, "missing": MISSING, "names": NAMES,
    "formulas": FORMULAS, "references": REFERENCES, "cogeneration": COGENERATION, "nothing-made": NOTHING_MADE,
    "full": FULL}
