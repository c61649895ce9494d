"""The table of docs/conformance.md, between two marks."""

MARKS = "<!-- table -->\n", "<!-- end of table -->\n"
HEAD = "| embedding | runtime | how it is asked | same reports | same reviews |\n|---|---|---|---|---|\n"


def update(page, outcomes):
    before, _, after = parts(page)
    rows = "".join(row(one) for one in outcomes if not one.not_run)
    page.write_text(before + HEAD + rows + after, encoding="utf-8")


def differences(page, outcomes):
    """An embedding that ran and is not in the table, or is there unknown."""
    _, table, _ = parts(page)
    documented = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    for one in outcomes:
        if not one.not_run and one.name not in documented:
            yield f"{page.name} does not have {one.name}: run with --update-docs"
    known = [one.name for one in outcomes]
    for name in documented:
        if name not in known:
            yield f"{page.name} has {name}, which there is not: run with --update-docs"


def parts(page):
    text = page.read_text(encoding="utf-8")
    start, end = (text.index(mark) for mark in MARKS)
    start += len(MARKS[0])
    return text[:start], text[start:end], text[end:]


def row(one):
    counts = (one.same[op] for op in ("evaluate", "review"))
    cells = [one.name, one.about, one.how, *(count(*pair) for pair in counts)]
    return f"| {' | '.join(cells)} |\n"


def count(same, of):
    return f"{same} of {of}" if same else "not offered"
