//! The map of the address space alone, as SVG. The policy draws it.

use super::Checked;

pub(super) fn render(checked: &Checked<'_>) -> String {
    checked.map.to_owned()
}
