"""Graph collections of ready JSON objects: $filter, $orderby, $select, $top and paging."""

from collections.abc import Callable
from typing import Any

from o365desk.simulator import graph_query as query
from o365desk.simulator.graph_answers import Call, bad_request, json_answer
from o365desk.simulator.graph_schema import no_property
from o365desk.simulator.messages import HttpResponse


def listing(
    call: Call, fragment: str, items: list[dict[str, Any]], default: int, most: int
) -> HttpResponse:
    """A page of ready JSON objects, with $filter, $orderby, $select, $top and $count."""
    options = call.options

    def lookup(name: str) -> Callable[[Any], Any]:
        sample = items[0] if items else {}
        known = {key.lower(): key for key in sample}
        head, _, inner = name.partition("/")
        key = known.get(head.lower(), head)
        if sample and key not in sample:
            raise no_property(name, "entity", "Invalid filter clause")
        return lambda item: item[key].get(inner) if inner else item.get(key)

    if "$skip" in options:
        raise bad_request("'$skip' is not supported by the service.")
    if "$filter" in options:
        test = query.Filter(options["$filter"], lookup).test
        items = [item for item in items if test(item)]
    if "$orderby" in options:
        items = query.order(options["$orderby"], lookup, items)
    size = query.top(options, default, most)
    token = options.get("$skiptoken")
    first = query.read_position(token, fragment) if token is not None else 0
    body: dict[str, Any] = {"@odata.context": f"{call.root}/$metadata#{fragment}"}
    if fragment.startswith("delegatedAdmin"):
        body["@odata.context"] = f"{call.root}/tenantRelationships/$metadata#{fragment}"
    if options.get("$count", "").lower() == "true":
        body["@odata.count"] = len(items)
    if first + size < len(items):
        link = query.with_token(call.request.query, query.page_token(fragment, first + size))
        body["@odata.nextLink"] = f"{call.request.base}{call.request.path}?{link}"
    page = items[first : first + size]
    if "$select" in options:
        wanted = {part.strip().lower() for part in options["$select"].split(",")}
        for name in wanted:
            if page and name not in {key.lower() for key in page[0]}:
                raise no_property(name, "entity", "Parsing OData Select and Expand failed")
        page = [
            {key: value for key, value in item.items() if key[0] == "@" or key.lower() in wanted}
            for item in page
        ]
    body["value"] = page
    return json_answer(body)
