"""The sign-in service's pages: plain HTML that needs no script, works by keyboard, escapes all."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from o365desk.simulator.messages import HttpResponse

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 28rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; font-weight: 600; }
.practice { border-left: .25rem solid #b8860b; padding-left: .75rem; }
.error { border-left: .25rem solid #c50f1f; padding-left: .75rem; }
.code { font: 600 1.6rem/1.2 ui-monospace, monospace; letter-spacing: .15em; }
input[type=text], input[type=password] { width: 100%; box-sizing: border-box; padding: .5rem;
  font: inherit; }
button { font: inherit; padding: .4rem 1rem; margin: .25rem .25rem .25rem 0; }
button.wide { display: block; width: 100%; text-align: left; }
small { display: block; opacity: .75; }
"""
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]
_PRACTICE = "Practice directory: nothing here is real. Do not type a real password."


def page(
    name: str, title: str, content: str, *, status: int = 200, error: str = ""
) -> HttpResponse:
    """A whole page; `name` tells a test which one it is, `error` is a message."""
    alert = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    html = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f'<style>{_STYLE}</style></head><body><main data-page="{escape(name)}">'
        f'<p class="practice">{_PRACTICE}</p><h1>{escape(title)}</h1>{alert}{content}'
        f"</main></body></html>\n"
    )
    return HttpResponse(status, list(_HEADERS), html.encode())


def _form(sitting: str, content: str, action: str = "") -> str:
    where = f' action="{escape(action)}"' if action else ""
    return (
        f'<form method="post"{where}><input type="hidden" name="sitting" '
        f'value="{escape(sitting)}">{content}</form>'
    )


def _button(name: str, value: str, text: str, *, note: str = "", focus: bool = False) -> str:
    small = f"<small>{escape(note)}</small>" if note else ""
    wide = ' class="wide"' if note else ""
    first = " autofocus" if focus else ""
    return (
        f'<button{wide}{first} name="{escape(name)}" value="{escape(value)}" formnovalidate>'
        f"{escape(text)}{small}</button>"
    )


_CANCEL = _button("do", "cancel", "Cancel")


def accounts(
    sitting: str, app: str, offers: Iterable[tuple[str, str]], error: str = ""
) -> HttpResponse:
    """Pick an account; offers are UPN and description."""
    buttons = "".join(_button("account", upn, upn, note=about) for upn, about in offers)
    typed = (
        '<label>Or type a user name<input type="text" name="typed" autofocus '
        f'autocomplete="username"></label><p>{_button("do", "next", "Next")}{_CANCEL}</p>'
    )
    # The text field stands first, so that Enter in it means Next and not the first account.
    content = f"<p>To continue to {escape(app)}</p>{_form(sitting, typed)}{_form(sitting, buttons)}"
    return page("account", "Pick an account", content, error=error)


def password(sitting: str, upn: str, error: str = "") -> HttpResponse:
    """The password; every one is right but "wrong"."""
    content = (
        f"<p>{escape(upn)}</p>"
        '<label>Password<input type="password" name="password" autofocus required '
        'autocomplete="off"></label><small>Any word will do; the word "wrong" is wrong.</small>'
        f"<p>{_button('do', 'sign-in', 'Sign in')}{_CANCEL}</p>"
    )
    return page("password", "Enter password", _form(sitting, content), error=error)


def second_factor(sitting: str, upn: str) -> HttpResponse:
    """The second factor, which here is a button."""
    content = (
        f"<p>{escape(upn)}</p><p>Approve the request in your authenticator.</p><p>"
        f"{_button('factor', 'approve', 'Approve', focus=True)}"
        f"{_button('factor', 'deny', 'I can’t use my authenticator now')}</p>"
    )
    return page("second-factor", "Approve sign-in request", _form(sitting, content))


def consent(
    sitting: str, app: str, scopes: Sequence[tuple[str, str]], *, for_everyone: bool, tenant: str
) -> HttpResponse:
    """What the application asks for; scopes are service and name."""
    items = "".join(
        f"<li>{escape(name)} <small>{escape(service)}</small></li>" for service, name in scopes
    )
    box = (
        '<p><label><input type="checkbox" name="everyone" value="yes" checked> Consent on behalf '
        f"of your organization ({escape(tenant)})</label></p>"
        if for_everyone
        else ""
    )
    content = (
        f"<p><strong>{escape(app)}</strong> would like to:</p><ul>{items}</ul>{box}<p>"
        f"{_button('consent', 'accept', 'Accept', focus=True)}"
        f"{_button('consent', 'decline', 'Cancel')}</p>"
    )
    return page("consent", "Permissions requested", _form(sitting, content))


def confirm_device(sitting: str, app: str, upn: str) -> HttpResponse:
    """The question that stands between a phished device code and an account."""
    content = (
        f"<p>{escape(upn)}</p><p>Only continue if you started the sign-in yourself on your other "
        f"device.</p><p>{_button('device', 'continue', 'Continue', focus=True)}"
        f"{_button('device', 'cancel', 'Cancel')}</p>"
    )
    return page("device-confirm", f"Are you trying to sign in to {app}?", _form(sitting, content))


def device_code(error: str = "") -> HttpResponse:
    """Where the code of a device is typed in."""
    content = (
        '<form method="post"><label>Code<input type="text" class="code" name="user_code" '
        'autofocus autocomplete="off" required></label><p><button>Next</button></p></form>'
    )
    return page("device-code", "Enter code to allow access", content, error=error)


def refused(sitting: str, sentence: str, details: str, *, may_return: bool = True) -> HttpResponse:
    """A sign-in that ends here; the button takes the error back to the application."""
    back = _form(sitting, _button("do", "return", "Return to the application", focus=True))
    content = f"<p>{escape(details)}</p>{back if may_return else ''}"
    return page("refused", "You cannot sign in this way", content, error=sentence)


def broken(sentence: str, details: str) -> HttpResponse:
    """A request that must not be sent back to where it says it comes from."""
    content = f"<p>{escape(details)}</p>"
    return page(
        "broken", "Sorry, we’re having trouble signing you in", content, status=400, error=sentence
    )


def done(title: str, text: str) -> HttpResponse:
    """Nothing is left to do."""
    return page("done", title, f"<p>{escape(text)}</p>")


def form_post(redirect: str, fields: Mapping[str, str]) -> HttpResponse:
    """The answer as a form that posts itself (OAuth 2.0 Form Post Response Mode); the button is
    for browsers without script."""
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    content = (
        f'<form method="post" action="{escape(redirect)}">{inputs}'
        "<button autofocus>Continue</button></form><script>document.forms[0].submit()</script>"
    )
    return page("form-post", "Working…", content)


def redirect_to(redirect: str, fields: Mapping[str, str], mode: str) -> HttpResponse:
    """302 with the answer in the query, or in the fragment."""
    mark = "#" if mode == "fragment" else "&" if "?" in redirect else "?"
    headers = [("Location", f"{redirect}{mark}{urlencode(fields)}"), ("Cache-Control", "no-store")]
    return HttpResponse(302, headers)
