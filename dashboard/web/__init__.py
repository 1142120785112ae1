"""What stands between a request and the views: the typed request, middleware, headers, limits, error pages."""
