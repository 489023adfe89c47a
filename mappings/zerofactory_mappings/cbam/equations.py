"""The equations of the law, one pure function each, by the number that the law gives them.

Numbers are those of Implementing Regulation (EU) 2025/2547 (``E5``), of 2025/2620 (``FA1`` …) and of 2025/2546
(``MAT``). Every function takes and gives exact decimals and knows no number of the law: factors come as operands from
``standards/eu-cbam``. A proof names the equation of each step, and ``recompute`` gives the value back from the
operands.

Where a transitional rule (2023/1773, the Commission's workbook) has the same arithmetic it uses the same function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.units import unit

ZERO, ONE = Decimal(0), Decimal(1)
#: TJ in one MWh: a physical identity, not a number of the law.
TJ_PER_MWH = unit("TJ").from_base(unit("MWhth").factor)

Equation = Callable[..., Decimal]
EQUATIONS: dict[str, Equation] = {}


def equation(*names: str) -> Callable[[Equation], Equation]:
    """Register a function under the numbers of the law, computed in the house's decimal context."""
    def register(function: Equation) -> Equation:
        def exact(*operands: Decimal) -> Decimal:
            with localcontext(CONTEXT):
                return function(*operands)

        exact.__doc__, exact.__name__ = function.__doc__, function.__name__
        for name in names:
            EQUATIONS[name] = exact
        return exact
    return register


def recompute(name: str, operands: Sequence[Decimal]) -> Decimal:
    """The value of equation *name* for *operands*; KeyError when there is no such equation."""
    return EQUATIONS[name](*operands)


# --- bookkeeping steps that no law numbers -------------------------------------------------------------------------

@equation("sum")
def total(*values: Decimal) -> Decimal:
    """The sum of all operands; zero of none."""
    return sum(values, ZERO)


@equation("product")
def product(*values: Decimal) -> Decimal:
    """The product of all operands."""
    out = ONE
    for value in values:
        out *= value
    return out


@equation("ratio")
def ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    """Numerator over denominator."""
    return numerator / denominator


@equation("difference")
def difference(first: Decimal, second: Decimal) -> Decimal:
    """First less second."""
    return first - second


@equation("share-of")
def weighted(*pairs: Decimal) -> Decimal:
    """Average of values weighted by amounts: operands amount, value, amount, value …"""
    amounts, values = pairs[0::2], pairs[1::2]
    return sum((a * v for a, v in zip(amounts, values, strict=True)), ZERO) / sum(amounts, ZERO)


# --- Annex II B: direct emissions of the installation --------------------------------------------------------------

@equation("E4")
def installation_emissions(*parts: Decimal) -> Decimal:
    """Eq 4: emissions of the installation are those calculated and those measured, tCO2e."""
    return sum(parts, ZERO)


@equation("E5")
def combustion(activity: Decimal, emission_factor: Decimal, oxidation: Decimal) -> Decimal:
    """Eq 5: Em = AD × EF × OF, tCO2; AD in TJ with EF in tCO2/TJ, or in t (1000 Nm3) with EF per that unit."""
    return activity * emission_factor * oxidation


@equation("E6")
def fuel_energy(quantity: Decimal, net_calorific_value: Decimal) -> Decimal:
    """Eq 6: AD = FQ × NCV, TJ, of a quantity in t or 1000 Nm3 and GJ per that unit."""
    return quantity * net_calorific_value / 1000


@equation("E7")
def oxidation_factor(ash_carbon_share: Decimal) -> Decimal:
    """Eq 7: OF = 1 - C_ash / C_total."""
    return 1 - ash_carbon_share


@equation("E8")
def factor_per_energy(carbon_content: Decimal, f: Decimal, net_calorific_value: Decimal) -> Decimal:
    """Eq 8: EF = CC × f / NCV, tCO2/TJ, of tC per unit, tCO2/tC and GJ per unit."""
    return carbon_content * f / net_calorific_value * 1000


@equation("E9")
def factor_per_quantity(carbon_content: Decimal, f: Decimal) -> Decimal:
    """Eq 9: EF = CC × f, tCO2 per t (1000 Nm3)."""
    return carbon_content * f


@equation("E10")
def fossil_factor(preliminary: Decimal, biomass_fraction: Decimal) -> Decimal:
    """Eq 10: EF = EF_pre × (1 - BF); BF is 0 where unknown or the sustainability criteria are not shown."""
    return preliminary * (1 - biomass_fraction)


@equation("E10-biomass")
def zero_rated(preliminary: Decimal, biomass_fraction: Decimal) -> Decimal:
    """What Eq 10 takes out: EF_pre × BF, reported apart."""
    return preliminary * biomass_fraction


@equation("E11")
def process_emissions(activity: Decimal, emission_factor: Decimal, conversion: Decimal) -> Decimal:
    """Eq 11: Em = AD × EF × CF, tCO2."""
    return activity * emission_factor * conversion


@equation("E12")
def mass_balance(f: Decimal, activity: Decimal, carbon_content: Decimal) -> Decimal:
    """Eq 12: Em = f × AD × CC, tCO2; outputs have a negative activity."""
    return f * activity * carbon_content


@equation("E13")
def carbon_from_energy_factor(emission_factor: Decimal, net_calorific_value: Decimal, f: Decimal) -> Decimal:
    """Eq 13: CC = EF × NCV / f, tC per unit, of tCO2/TJ and GJ per unit."""
    return emission_factor * net_calorific_value / 1000 / f


@equation("E14")
def carbon_from_factor(emission_factor: Decimal, f: Decimal) -> Decimal:
    """Eq 14: CC = EF / f, tC per unit."""
    return emission_factor / f


@equation("E15")
def fossil_carbon(preliminary: Decimal, biomass_fraction: Decimal) -> Decimal:
    """Eq 15: CC = CC_pre × (1 - BF)."""
    return preliminary * (1 - biomass_fraction)


@equation("E16")
def measured(*hours: Decimal) -> Decimal:
    """Eq 16: Em = Σ conc[g/Nm3] × V[Nm3] × 10⁻⁶, t; operands concentration, volume, concentration, volume …"""
    return sum((c * v for c, v in zip(hours[0::2], hours[1::2], strict=True)), ZERO).scaleb(-6)


@equation("E16-mean")
def measured_mean(concentration: Decimal, hours: Decimal, flow: Decimal) -> Decimal:
    """Eq 16 with yearly averages: g/Nm3 × h × 1000 Nm3/h, t."""
    return concentration * hours * flow / 1000


@equation("E19")
def substitute(mean: Decimal, deviation: Decimal, multiplier: Decimal) -> Decimal:
    """Eq 19: value for an hour that is not valid, the mean plus two standard deviations."""
    return mean + multiplier * deviation


@equation("mean")
def mean(*values: Decimal) -> Decimal:
    """Arithmetic mean."""
    return sum(values, ZERO) / len(values)


@equation("deviation")
def standard_deviation(*values: Decimal) -> Decimal:
    """Sample standard deviation."""
    middle = sum(values, ZERO) / len(values)
    return (sum(((v - middle) ** 2 for v in values), ZERO) / (len(values) - 1)).sqrt()


@equation("carbon-dioxide-equivalent")
def equivalent(mass: Decimal, potential: Decimal) -> Decimal:
    """tCO2e of a gas: t × GWP (2025/2547 Annex II G Table 6)."""
    return mass * potential


@equation("E20")
def duct_to_total(duct: Decimal, collection_efficiency: Decimal) -> Decimal:
    """Eq 20: PFC = PFC(duct) / collection efficiency."""
    return duct / collection_efficiency


@equation("E21")
def anode_effect_minutes(frequency: Decimal, duration: Decimal) -> Decimal:
    """Eq 21: AEM = frequency × duration, minutes per cell and day."""
    return frequency * duration


@equation("E22")
def cf4_slope(minutes: Decimal, slope_factor: Decimal, aluminium: Decimal) -> Decimal:
    """Eq 22: CF4 = AEM × SEF/1000 × Al, t."""
    return minutes * slope_factor / 1000 * aluminium


@equation("E23", "E25")
def c2f6(cf4: Decimal, share: Decimal) -> Decimal:
    """Eq 23, 25: C2F6 = CF4 × F, t."""
    return cf4 * share


@equation("E24")
def cf4_overvoltage(coefficient: Decimal, overvoltage: Decimal, current_efficiency: Decimal,
                    aluminium: Decimal) -> Decimal:
    """Eq 24: CF4 = OVC × AEO/CE × Al × 0.001, t."""
    return coefficient * (overvoltage / current_efficiency) * aluminium / 1000


@equation("E26")
def pfc_equivalent(cf4: Decimal, cf4_potential: Decimal, c2f6_mass: Decimal, c2f6_potential: Decimal) -> Decimal:
    """Eq 26: CO2e = CF4 × GWP + C2F6 × GWP, tCO2e."""
    return cf4 * cf4_potential + c2f6_mass * c2f6_potential


@equation("E27")
def clinker_produced(cement_delivered: Decimal, cement_stock_change: Decimal, clinker_ratio: Decimal,
                     clinker_supplied: Decimal, clinker_dispatched: Decimal, clinker_stock_change: Decimal) -> Decimal:
    """Eq 27 (method B): clinker = (cement delivered - stock variation) × ratio - supplied + dispatched - stock
    variation,
    t, with the signs of the law."""
    return ((cement_delivered - cement_stock_change) * clinker_ratio - clinker_supplied + clinker_dispatched
            - clinker_stock_change)


@equation("E28")
def dust_factor(clinker_factor: Decimal, calcination: Decimal) -> Decimal:
    """Eq 28: EF of kiln dust = (EF/(1+EF) × d) / (1 - EF/(1+EF) × d), tCO2 per t dust."""
    part = clinker_factor / (1 + clinker_factor) * calcination
    return part / (1 - part)


@equation("at-least")
def at_least(value: Decimal, minimum: Decimal) -> Decimal:
    """The larger of a value and a minimum that the law sets."""
    return max(value, minimum)


@equation("at-most")
def at_most(value: Decimal, maximum: Decimal) -> Decimal:
    """The smaller of a value and a maximum that the law sets."""
    return min(value, maximum)


@equation("E29")
def flue_gas_flow(air: Decimal, oxygen_in_air: Decimal, oxygen_in_flue_gas: Decimal) -> Decimal:
    """Eq 29: V = V_air × (1 - 0.2095) / (1 - O2), Nm3, of nitric acid plants."""
    return air * (1 - oxygen_in_air) / (1 - oxygen_in_flue_gas)


# --- Annex II C: heat -----------------------------------------------------------------------------------------------

@equation("E30")
def mass_flow(volume: Decimal, specific_volume: Decimal) -> Decimal:
    """Eq 30: m = V / v, t, of m3 and m3/t."""
    return volume / specific_volume


@equation("E31")
def net_heat(mass: Decimal, flow_enthalpy: Decimal, return_enthalpy: Decimal) -> Decimal:
    """Eq 31: Q = (h_flow - h_return) × m, TJ, of GJ/t and t."""
    return (flow_enthalpy - return_enthalpy) * mass / 1000


@equation("E32")
def heat_by_efficiency(efficiency: Decimal, input_energy: Decimal) -> Decimal:
    """Eq 32: Q = η × E_in, TJ (method 3: η of the law)."""
    return efficiency * input_energy


@equation("E33")
def input_energy(*fuels: Decimal) -> Decimal:
    """Eq 33: E_in = Σ AD × NCV, TJ."""
    return sum(fuels, ZERO)


@equation("E34")
def load_factor(used: Decimal, maximum: Decimal) -> Decimal:
    """Eq 34: LF = E_in / E_max."""
    return used / maximum


# --- Annex II D: electricity ----------------------------------------------------------------------------------------

@equation("E35")
def electricity_emissions(electricity: Decimal, emission_factor: Decimal) -> Decimal:
    """Eq 35: Em = El × EF, tCO2e, of MWh and tCO2e/MWh."""
    return electricity * emission_factor


@equation("E38")
def power_plant_factor(fuel_emissions: Decimal, flue_gas_cleaning: Decimal, produced: Decimal) -> Decimal:
    """Eq 38: EF = (Σ AD × NCV × EF + Em_FGC) / El, tCO2/MWh; waste gas counts as natural gas."""
    return (fuel_emissions + flue_gas_cleaning) / produced


# --- Annex III A: attribution ---------------------------------------------------------------------------------------

@equation("E41")
def reconciliation(installation: Decimal, processes: Decimal) -> Decimal:
    """Eq 41: RecF = D_inst / Σ D_pp."""
    return installation / processes


@equation("E42")
def reconciled(value: Decimal, factor: Decimal) -> Decimal:
    """Eq 42: D_corr = D_pp × RecF."""
    return value * factor


@equation("E43")
def molar(total_emissions: Decimal, own_mass: Decimal, own_molar_mass: Decimal, *others: Decimal) -> Decimal:
    """Eq 43: Em_i = Em × (m_i/M_i) / Σ (m_k/M_k); *others*: mass, molar mass of each further co-product."""
    own = own_mass / own_molar_mass
    rest = sum((m / molar_mass for m, molar_mass in zip(others[0::2], others[1::2], strict=True)), ZERO)
    return total_emissions * own / (own + rest)


@equation("E44")
def heat_emissions(mixed_factor: Decimal, consumed: Decimal, efficiency: Decimal) -> Decimal:
    """Eq 44: Em = EF_mix × Q / η, tCO2."""
    return mixed_factor * consumed / efficiency


@equation("E45")
def mixed_factor(fuel_emissions: Decimal, flue_gas_cleaning: Decimal, energy: Decimal) -> Decimal:
    """Eq 45: EF_mix = (Σ AD × NCV × EF + Em_FGC) / Σ AD × NCV, tCO2/TJ."""
    return (fuel_emissions + flue_gas_cleaning) / energy


@equation("E46")
def chp_emissions(fuel_emissions: Decimal, flue_gas_cleaning: Decimal) -> Decimal:
    """Eq 46: Em_CHP = Σ AD × NCV × EF + Em_FGC, tCO2."""
    return fuel_emissions + flue_gas_cleaning


@equation("E47", "E48")
def efficiency(output: Decimal, input_of_fuel: Decimal) -> Decimal:
    """Eq 47, 48: η = Q / E_in and E_el / E_in, both in TJ."""
    return output / input_of_fuel


@equation("E49")
def heat_share(heat: Decimal, heat_reference: Decimal, electricity: Decimal, electricity_reference: Decimal) -> Decimal:
    """Eq 49: F_heat = (η_heat/η_ref) / (η_heat/η_ref + η_el/η_ref)."""
    return (heat / heat_reference) / (heat / heat_reference + electricity / electricity_reference)


@equation("E50")
def electricity_share(heat_part: Decimal) -> Decimal:
    """Eq 50: F_el = 1 - F_heat."""
    return 1 - heat_part


@equation("E51", "E52")
def output_factor(emissions: Decimal, share: Decimal, output: Decimal) -> Decimal:
    """Eq 51, 52: EF = Em_CHP × F / Q (tCO2/TJ) and Em_CHP × F / El (tCO2/MWh)."""
    return emissions * share / output


@equation("HEAT_IMP")
def imported_heat(heat: Decimal, emission_factor: Decimal) -> Decimal:
    """Annex III A.2.2: Em = Q × EF, tCO2, of TJ and tCO2/TJ; so too for heat that is exported."""
    return heat * emission_factor


@equation("HEAT_IMP-unknown")
def unknown_heat_factor(fuel_factor: Decimal, boiler_efficiency: Decimal) -> Decimal:
    """Annex III A.2.2: EF of heat without monitored data, the commonest fuel's factor over the boiler's efficiency."""
    return fuel_factor / boiler_efficiency


@equation("E53")
def waste_gas_imported(energy: Decimal, natural_gas: Decimal) -> Decimal:
    """Eq 53: WG_imp = V × NCV × EF_NG, tCO2, of TJ."""
    return energy * natural_gas


@equation("E54")
def waste_gas_exported(energy: Decimal, natural_gas: Decimal, correction: Decimal) -> Decimal:
    """Eq 54: WG_exp = V × NCV × EF_NG × 0.667, tCO2, of TJ."""
    return energy * natural_gas * correction


@equation("E55-transitional")
def attributed_direct_unbounded(direct: Decimal, heat_imported: Decimal, heat_exported: Decimal, gas_imported: Decimal,
                                gas_exported: Decimal, electricity: Decimal) -> Decimal:
    """The transitional workbook's form of Eq 55: no floor at zero."""
    return direct + heat_imported - heat_exported + gas_imported - gas_exported - electricity


@equation("E55")
def attributed_direct(direct: Decimal, heat_imported: Decimal, heat_exported: Decimal, gas_imported: Decimal,
                      gas_exported: Decimal, electricity: Decimal) -> Decimal:
    """Eq 55: DirEm* + heat in - heat out + waste gas in - waste gas out - electricity produced; at least 0, tCO2e."""
    return max(ZERO, direct + heat_imported - heat_exported + gas_imported - gas_exported - electricity)


@equation("E56")
def attributed_indirect(*electricity: Decimal) -> Decimal:
    """Eq 56: emissions of the electricity consumed, tCO2e."""
    return sum(electricity, ZERO)


@equation("E57", "E58")
def specific(attributed: Decimal, activity_level: Decimal) -> Decimal:
    """Eq 57, 58: SEE = AttrEm / AL of a simple good, tCO2e per functional unit; direct and indirect apart."""
    return attributed / activity_level


# --- Annex III B: precursors ----------------------------------------------------------------------------------------

@equation("E59", "E60")
def complex_good(attributed: Decimal, activity_level: Decimal, *precursors: Decimal) -> Decimal:
    """Eq 59, 60: SEE = (AttrEm + Σ M × SEE) / AL; *precursors*: mass, SEE of each."""
    embedded = sum((m * see for m, see in zip(precursors[0::2], precursors[1::2], strict=True)), ZERO)
    return (attributed + embedded) / activity_level


@equation("E61")
def specific_consumption(mass: Decimal, activity_level: Decimal) -> Decimal:
    """Eq 61: m = M / AL, units of the precursor per functional unit of the good."""
    return mass / activity_level


@equation("E62", "E63")
def complex_good_specific(own: Decimal, *precursors: Decimal) -> Decimal:
    """Eq 62, 63: SEE = ae + Σ m × SEE; *precursors*: m, SEE of each."""
    return own + sum((m * see for m, see in zip(precursors[0::2], precursors[1::2], strict=True)), ZERO)


@equation("E64", "E65", "E66")
def per_tonne(see: Decimal, content: Decimal) -> Decimal:
    """Eq 64 to 66: SEE per t of good = SEE per functional unit × t clinker (kg N) per t of good."""
    return see * content


# --- 2025/2546: materiality; 2025/2620: free allocation; obligation -------------------------------------------------

@equation("MAT")
def material(misstatement: Decimal, reported: Decimal, threshold: Decimal) -> Decimal:
    """2025/2546 Art 5: 1 when |misstatement| is more than the threshold share of the reported value, else 0."""
    return ONE if abs(misstatement) > abs(reported) * threshold else ZERO


@equation("FA1")
def free_allocation(sefa: Decimal, mass: Decimal) -> Decimal:
    """2025/2620 Annex point 2: FAA = SEFA × M, tCO2e."""
    return sefa * mass


@equation("FA2", "FA6")
def allocation_of(cbam_factor: Decimal, cross_sectoral: Decimal, benchmark: Decimal) -> Decimal:
    """2025/2620 Annex Eq 2, 3 (column A, actual data) and Eq 6 (column B, default): CBAM × CSCF × BM, tCO2e per
    unit."""
    return cbam_factor * cross_sectoral * benchmark


@equation("FA4")
def allocation_of_complex(own: Decimal, *precursors: Decimal) -> Decimal:
    """2025/2620 Annex Eq 4: SEFA = SFA + Σ m × SEFA; *precursors*: m, SEFA of each."""
    return own + sum((m * sefa for m, sefa in zip(precursors[0::2], precursors[1::2], strict=True)), ZERO)


@equation("OBL")
def certificates(see: Decimal, sefa: Decimal, price_paid: Decimal, reference_price: Decimal, mass: Decimal) -> Decimal:
    """Certificates of a good: max(0, SEE - SEFA - SECPP/RP) × M; each good for itself, never negative."""
    return max(ZERO, see - sefa - price_paid / reference_price) * mass


@equation("MARKUP")
def marked_up(default: Decimal, markup: Decimal) -> Decimal:
    """2025/2621 Annex I: default value × (1 + mark-up)."""
    return default * (1 + markup)
