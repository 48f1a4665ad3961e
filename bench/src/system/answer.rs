//! What a system says about a clip: a JSON object a line.
//!
//! ```text
//! {"payload": "00ff3a1c", "score": 0.94}      what it reads, and how sure it is: more is surer
//! {"score": 0.51}                             nothing that it would name, but how near it came
//! {"payload": "00ff3a1c", "log10_p": -12.5}   a bound on the chance of naming this by mistake
//! ```
//!
//! No line at all means that nothing was found. Other fields are let pass, so that a driver can print more.
//!
//! # Shapes and units
//! Payloads in hex digits, the first bit first, as many as `{payload}` had; a score is any finite number.

use serde::Deserialize;

/// One line.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Answer {
    /// What was read.
    pub payload: Option<String>,
    /// How sure the system is that a mark is there.
    pub score: Option<f64>,
    /// Decimal logarithm of a bound on the chance of a false answer.
    pub log10_p: Option<f64>,
}

impl Answer {
    /// Every line of `text`; payloads have `bits` bits.
    ///
    /// # Errors
    /// A line that says what is wrong with which line.
    pub fn parse(text: &str, bits: usize) -> Result<Vec<Self>, String> {
        let lines = text.lines().enumerate();
        let told = lines.filter(|(_, line)| !line.trim().is_empty());
        told.map(|(index, line)| {
            let wrong =
                |what: &str| format!("line {} of the answer {what}: {}", index + 1, excerpt(line));
            let mut answer: Self =
                serde_json::from_str(line).map_err(|_| wrong("is no answer in JSON"))?;
            if let Some(payload) = &mut answer.payload {
                if bits_of(payload, bits).is_none() {
                    return Err(wrong(&format!("has no payload of {bits} bits")));
                }
                payload.make_ascii_lowercase();
            }
            if answer.payload.is_none() && answer.score.is_none() && answer.log10_p.is_none() {
                return Err(wrong("says nothing"));
            }
            Ok(answer)
        })
        .collect()
    }
}

/// The bits of a payload; none when it is not of `bits` bits. Where they do not fill the last digit, its end is left out.
pub(super) fn bits_of(payload: &str, bits: usize) -> Option<Vec<bool>> {
    if payload.len() != bits.div_ceil(4) {
        return None;
    }
    let digits = payload.chars().map(|digit| digit.to_digit(16));
    let digits: Vec<u32> = digits.collect::<Option<_>>()?;
    let all = digits
        .iter()
        .flat_map(|digit| (0..4).rev().map(move |bit| digit >> bit & 1 == 1));
    Some(all.take(bits).collect())
}

/// Share of bits that two payloads have in common; none where one is no payload of `bits` bits.
pub(super) fn agreement(one: &str, other: &str, bits: usize) -> Option<f64> {
    let (one, other) = (bits_of(one, bits)?, bits_of(other, bits)?);
    let same = one.iter().zip(&other).filter(|(a, b)| a == b).count();
    Some(same as f64 / bits as f64)
}

/// The beginning of a line, fit for a message.
pub(super) fn excerpt(line: &str) -> String {
    const MOST: usize = 80;
    let plain: String = line
        .chars()
        .take(MOST)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    if line.chars().nth(MOST).is_some() {
        format!("{plain}..")
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_answers_and_no_line_is_silence() -> Result<(), String> {
        let text = "{\"payload\": \"A5\", \"score\": 0.5, \"seconds\": 3}\n\n{\"score\": -1}\n";
        let answers = Answer::parse(text, 8)?;
        assert_eq!(answers[0].payload.as_deref(), Some("a5"));
        assert_eq!((answers.len(), answers[1].score), (2, Some(-1.0)));
        assert_eq!(Answer::parse("\n  \n", 8)?, []);
        Ok(())
    }

    #[test]
    fn rubbish_is_named_with_its_line_and_cut_short() {
        let long = "x".repeat(10_000);
        for (text, bits, part) in [
            (
                "hello",
                8,
                "line 1 of the answer is no answer in JSON: hello",
            ),
            ("{\"score\": 1}\n[1]", 8, "line 2"),
            ("{}", 8, "says nothing"),
            ("{\"payload\": \"a5f\"}", 8, "no payload of 8 bits"),
            ("{\"payload\": \"g5\"}", 8, "no payload of 8 bits"),
            ("{\"score\": \"high\"}", 8, "no answer in JSON"),
            ("{\"score\": 1e999}", 8, "no answer in JSON"),
            (long.as_str(), 8, "xx.."),
            ("\u{1b}[2Jboo", 8, "?[2Jboo"),
        ] {
            let error = Answer::parse(text, bits).err().unwrap_or_default();
            assert!(error.contains(part) && error.len() < 200, "{error}");
        }
    }

    #[test]
    fn bits_are_counted_from_the_first_digit() {
        assert_eq!(bits_of("a", 3), Some(vec![true, false, true]));
        assert_eq!(agreement("f0", "ff", 8), Some(0.5));
        assert_eq!(agreement("f0", "f", 8), None);
    }
}
