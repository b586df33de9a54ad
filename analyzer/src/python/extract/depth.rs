//! Which files are nested too deeply to be parsed by descent.

use crate::python::facts::Span;

/// Open brackets that are let through. People write less than 100.
const BRACKETS: u32 = 10_000;

/// Links of a chain that are let through: a polynomial of sympy's tables has 15,000.
const CHAIN: u32 = 50_000;

/// Files below this size cannot reach a limit: one level takes a byte.
const SMALL: usize = BRACKETS as usize;

/// Where `text` gets nested deeper than the parser's stack allows, if it does.
///
/// This counts what could nest, it does not parse: brackets that are open, and words and signs
/// since the last comma or line (`not not …`, `- - …`, `a if b else …`, `1 + 1 + …`). Text in strings
/// counts too, so the answer may be too careful, never too bold.
pub(super) fn too_deep(text: &str) -> Option<Span> {
    let bytes = text.as_bytes();
    if bytes.len() < SMALL {
        return None;
    }
    let (mut open, mut chain, mut in_word) = (0_u32, 0_u32, false);
    for (i, &byte) in bytes.iter().enumerate() {
        let word = byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii();
        match byte {
            b'(' | b'[' | b'{' => {
                open += 1;
                chain += 1;
            }
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b',' | b';' => chain = 0,
            b'\n' if open == 0 || chain == 0 => chain = 0,
            b' ' | b'\t' | b'\r' | b'\n' | b'.' | b'"' | b'\'' | b'#' => {}
            _ if word => chain += u32::from(!in_word),
            _ => chain += 1,
        }
        in_word = word;
        if open > BRACKETS || chain > CHAIN {
            return Some(Span {
                start: i as u32,
                end: i as u32,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hostile_files_are_too_deep() {
        let n = 60_000;
        for deep in [
            "x = ".to_owned() + &"(".repeat(n),
            "x = ".to_owned() + &"-".repeat(n) + "1",
            "x = ".to_owned() + &"not ".repeat(n) + "1",
            "x = ".to_owned() + &"1 + ".repeat(n) + "1",
            "x = ".to_owned() + &"lambda: ".repeat(n) + "1",
        ] {
            assert!(too_deep(&deep).is_some(), "{}", &deep[..20]);
        }
        let data = "x = [\n".to_owned() + &"  {'a': -1, 'b': (2, 3)},\n".repeat(n) + "]\n";
        assert_eq!(too_deep(&data), None);
        let lines = "x = f(a)[b] + {c: d}\n".repeat(n);
        assert_eq!(too_deep(&lines), None);
    }
}
