//! Texts that hold the same words in another order.
//!
//! Python's sets of strings come in another order in every process. Two runs of an original that shows one differ in order
//! alone, and so may the port.

use super::alignment::words;

/// Whether a port's text is to two runs of the original as these are to each other: the same words in another order, from
/// the first word that differs between the runs to the last.
pub(super) fn is_shuffled(a: &[u8], b: &[u8], p: &[u8]) -> bool {
    let [mut a, mut b, mut p] = [a, b, p].map(words);
    if a == b || a.len() != b.len() || a.len() != p.len() {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let middle = start..a.len() - end;
    for side in [&mut a, &mut b, &mut p] {
        side[middle.clone()].sort_unstable();
    }
    a == b && a == p
}

/// Whether two texts hold the same words in another order.
pub(super) fn is_reordered(a: &[u8], b: &[u8]) -> bool {
    let sorted = |text| {
        let mut words = words(text);
        words.sort_unstable();
        words
    };
    a != b && a.len() == b.len() && sorted(a) == sorted(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_no_content() {
        let (a, b) = (
            b"<li>one</li>\n<li>two</li>\n",
            b"<li>two</li>\n<li>one</li>\n",
        );
        assert!(is_reordered(a, b));
        assert!(!is_reordered(a, a));
        assert!(!is_reordered(a, b"<li>two</li>\n<li>six</li>\n"));
    }
}
