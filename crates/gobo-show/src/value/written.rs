//! Numbers with units, as people write them.

/// A decimal number: digits with an optional sign and point, nothing else.
pub(crate) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let decimal = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|number: &f64| decimal && number.is_finite())
}

/// A number or a fraction (`1/2`) and the unit after it, which may be empty.
pub(crate) fn quantity(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | '/')))
        .unwrap_or(text.len());
    let (amount, unit) = text.split_at(end);
    let amount = match amount.split_once('/') {
        Some((over, under)) => number(over).zip(number(under)).map(|(over, under)| over / under),
        None => number(amount),
    };
    amount.filter(|amount| amount.is_finite()).map(|amount| (amount, unit.trim()))
}

/// A part of a whole, 0 to 1 when in range: `80%` (bare numbers are not text).
pub(crate) fn percent(text: &str) -> Option<f64> {
    match quantity(text)? {
        (amount, "%") => Some(amount / 100.0),
        (amount, "") => Some(amount),
        _ => None,
    }
}
