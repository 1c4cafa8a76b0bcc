"""Who is calling, and for whom he may speak. In: headers. Out: a Caller, and the tenant and user of the request."""
