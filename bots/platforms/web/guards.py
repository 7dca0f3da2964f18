"""What our pages forbid the browser."""


def policy(ancestors: str = "'none'") -> str:
    """Return the content security policy of our pages: nothing from elsewhere, nothing inline, no text as markup.

    ``ancestors`` says who may frame the page.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
