"""Who is passed over if the commission leaves the computed order."""

from collections.abc import Sequence


def passed_over(*, left: str, instead: str | None, takers: Sequence[str]) -> list[str] | None:
    """
    Return the public keys of those whom a departure passes over: the household that the run had served, then
    everybody who stands before `instead` and could have had the dwelling.

    :param instead: who gets the dwelling; None: nobody, it stays in the stock.
    :param takers: all whom the dwelling may be given to instead, in the order of the list.
    :return: None if the dwelling may not go to `instead`, for it is none of the takers.
    """
    if instead is None:
        return [left]
    if instead not in takers:
        return None
    return [left, *takers[: takers.index(instead)]]
