"""The demo gateway, made to lie and to break: what the tests of the product need and an honest gateway has not."""
