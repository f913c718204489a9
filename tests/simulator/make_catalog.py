"""Writes o365desk/simulator/catalog.json from Microsoft's product-name table.

Run by hand when the table is renewed: `python tests/simulator/make_catalog.py`.
"""

import csv
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLE = HERE.parent / "samples" / "product-names.csv"
TARGET = HERE.parents[1] / "o365desk" / "simulator" / "catalog.json"

USER_PRODUCTS = [
    "SPB",
    "O365_BUSINESS_ESSENTIALS",
    "O365_BUSINESS_PREMIUM",
    "O365_BUSINESS",
    "SPE_E3",
    "SPE_E5",
    "SPE_F1",
    "ENTERPRISEPACK",
    "ENTERPRISEPREMIUM",
    "STANDARDPACK",
    "DESKLESSPACK",
    "EXCHANGESTANDARD",
    "EXCHANGEENTERPRISE",
    "EXCHANGEARCHIVE_ADDON",
    "VISIOCLIENT",
    "VISIOONLINE_PLAN1",
    "PROJECTPROFESSIONAL",
    "PROJECTPREMIUM",
    "PROJECT_P1",
    "POWER_BI_PRO",
    "POWER_BI_STANDARD",
    "PBI_PREMIUM_PER_USER",
    "FLOW_FREE",
    "POWERAPPS_VIRAL",
    "TEAMS_EXPLORATORY",
    "POWERAPPS_PER_USER",
    "DYN365_ENTERPRISE_SALES",
    "D365_SALES_PRO",
    "DYN365_ENTERPRISE_CUSTOMER_SERVICE",
    "DYN365_BUSCENTRAL_ESSENTIAL",
    "DYN365_BUSCENTRAL_PREMIUM",
    "DYN365_BUSCENTRAL_TEAM_MEMBER",
    "DYN365_TEAM_MEMBERS",
    "CRMSTANDARD",
    "EMS",
    "EMSPREMIUM",
    "AAD_PREMIUM",
    "AAD_PREMIUM_P2",
    "INTUNE_A",
    "MCOEV",
    "MCOMEETADV",
    "ATP_ENTERPRISE",
    "THREAT_INTELLIGENCE",
    "WIN_DEF_ATP",
    "Microsoft_365_Copilot",
]
COMPANY_PRODUCTS = ["SHAREPOINTSTORAGE", "CDS_DB_CAPACITY", "CRMSTORAGE"]
MINECRAFT = ["MEE_FACULTY"]
# The table does not say whom a plan serves. EXCHANGE_S_FOUNDATION is printed as Tenant in
# PC:get-a-list-of-available-licenses; the others are the like plans that never show per user [K].
COMPANY_PLANS = {
    "EXCHANGE_S_FOUNDATION",
    "ADALLOM_S_DISCOVERY",
    "M365_LIGHTHOUSE_CUSTOMER_PLAN1",
    "M365_LIGHTHOUSE_PARTNER_PLAN1",
    "BPOS_S_DlpAddOn",
}


def main() -> None:
    """Reads the table, writes the products wanted, one product a line."""
    rows: dict[str, list[dict[str, str]]] = {}
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            clean = {key: value.replace("\u00a0", " ").strip() for key, value in row.items()}
            rows.setdefault(clean["String_Id"], []).append(clean)
    plans: dict[str, list[str]] = {}
    products: list[dict[str, object]] = []
    for part in USER_PRODUCTS + COMPANY_PRODUCTS + MINECRAFT:
        mine = rows[part]
        # Three GUIDs have an old and a new name; the later row holds the new one.
        held: list[str] = []
        for row in mine:
            plan_id = row["Service_Plan_Id"].lower()
            plans.setdefault(
                plan_id,
                [
                    row["Service_Plan_Name"],
                    row["Service_Plans_Included_Friendly_Names"],
                    "Company" if row["Service_Plan_Name"] in COMPANY_PLANS else "User",
                ],
            )
            if plan_id not in held:
                held.append(plan_id)
        product: dict[str, object] = {
            "sku": mine[-1]["GUID"].lower(),
            "part": part,
            "name": mine[-1]["Product_Display_Name"],
        }
        if part in COMPANY_PRODUCTS:
            product["target"] = "Company"
        if part in MINECRAFT:
            product["part"] = "CFQ7TTC0K5DR/0002"
            product["group"] = "group2"
        product["plans"] = held
        products.append(product)
    order = {plan_id: number for number, plan_id in enumerate(plans)}
    for product in products:
        product["plans"] = [order[plan_id] for plan_id in product["plans"]]  # type: ignore[attr-defined]
    lines = [json.dumps([plan_id, *plan], ensure_ascii=False) for plan_id, plan in plans.items()]
    text = '{"plans": [\n' + ",\n".join(lines) + '\n],\n"products": [\n'
    text += ",\n".join(json.dumps(product, ensure_ascii=False) for product in products) + "\n]}\n"
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
