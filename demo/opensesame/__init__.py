"""A pretend OpenSesame: its API, its launch pages, a page for its customer, and faults at will.

Read `model` and `catalogue` first (what is offered), then `customers` and `pretend` (the state, and
how a test or a person steers it), `api` (what the integration calls), `app` (all of it together).
It is the other side of the wire: nothing of the product is imported here.
"""
