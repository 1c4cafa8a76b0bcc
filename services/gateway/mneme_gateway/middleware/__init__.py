"""What happens to every request before and after its route. Plain ASGI: cheap, and in one order."""
