"""The rules of evaluation: what is asked, when, how answers stay anonymous, and what may be shown of them."""
