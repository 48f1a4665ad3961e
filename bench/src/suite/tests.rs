use super::DetectorPath::{Read, Trace};
use super::*;

const SMALL: &str = "version = 1\nseed = 3\n[clips]\nmin_short_side = 360\nmin_seconds = 4.0\n";

#[test]
fn built_in_suites_parse() -> Result<(), SuiteError> {
    for name in built_in::names() {
        let suite = Suite::load(name)?;
        assert!(!suite.rows.is_empty(), "{name}");
        assert!(!suite.about.is_empty(), "{name}");
        assert_eq!(Suite::from_texts(name, suite.texts())?, suite, "{name}");
    }
    Ok(())
}

#[test]
fn main_suite_is_the_table_of_the_issue() -> Result<(), SuiteError> {
    let suite = Suite::load("main")?;
    let rows: Vec<(String, DetectorPath, Option<f64>)> = suite
        .rows
        .iter()
        .map(|r| (r.attack.to_string(), r.path, r.min_rate))
        .collect();
    let want = [
        ("cut-10s+h264-crf33", Read, 0.90),
        ("cut-10s+h264-360p-450k", Read, 0.90),
        ("cut-10s+hevc-crf32", Read, 0.95),
        ("cut-3s+h264-crf28", Read, 0.90),
        ("cut-3s+h264-crf40", Trace, 0.85),
        ("cut-8s+h264-crf40", Trace, 0.95),
        ("h264-crf23+jpeg-q80", Trace, 0.95),
        ("cut-10s+h264-240p-180k", Trace, 0.90),
    ];
    assert_eq!(rows, want.map(|(a, p, r)| (a.to_owned(), p, Some(r))));
    Ok(())
}

/// An error with its causes, as a command prints it.
fn told(error: SuiteError) -> String {
    format!("{:#}", anyhow::Error::from(error))
}

#[test]
fn own_files_are_included_from_the_same_folder() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let row = |attack: &str| format!("[[row]]\nattack = \"{attack}\"\npath = \"read\"\n");
    let own = folder.path().join("own.toml");
    let shared = format!("{SMALL}{}", row("h264-crf30"));
    std::fs::write(folder.path().join("shared.toml"), &shared)?;
    let text = format!(
        "include = [\"shared.toml\", \"bars\"]\n{SMALL}{}{}",
        row("h264-crf30"),
        row("h264-crf40")
    );
    std::fs::write(&own, text)?;
    let name = own.to_string_lossy();
    let suite = Suite::load(&name)?;
    let titles: Vec<String> = suite.rows.iter().map(Row::title).collect();
    assert_eq!(titles[0], "read h264-crf30");
    assert_eq!(titles.last().map(String::as_str), Some("read h264-crf40"));
    assert_eq!(titles.len(), 2 + Suite::load("bars")?.rows.len());
    assert_eq!(Suite::from_texts(&name, suite.texts())?, suite);
    // A changed file that is included is another suite.
    std::fs::write(folder.path().join("shared.toml"), shared + "\n# changed\n")?;
    assert_ne!(Suite::load(&name)?.texts(), suite.texts());
    Ok(())
}

/// The seconds of a cut, and the quality and name of each step without its number.
fn difficulty(attack: &Attack) -> (f64, Vec<(String, u32)>) {
    let mut seconds = f64::INFINITY;
    let mut steps = Vec::new();
    for step in attack.to_string().split('+') {
        let cut = step.strip_prefix("cut-").and_then(|s| s.strip_suffix('s'));
        if let Some(length) = cut.and_then(|s| s.parse().ok()) {
            seconds = length;
        } else if let Some((codec, Ok(crf))) = step.split_once("-crf").map(|(c, n)| (c, n.parse()))
        {
            steps.push((codec.to_owned(), crf));
        } else {
            steps.push((step.to_owned(), 0));
        }
    }
    (seconds, steps)
}

/// Whether nothing of `one` is harder than `other`, and they differ in length and quality alone.
fn is_no_harder(one: &Row, other: &Row) -> bool {
    let ((long, one_steps), (short, other_steps)) =
        (difficulty(&one.attack), difficulty(&other.attack));
    one.path == other.path
        && one.only == other.only
        && one_steps.len() == other_steps.len()
        && long >= short
        && one_steps
            .iter()
            .zip(&other_steps)
            .all(|(a, b)| a.0 == b.0 && a.1 <= b.1)
}

#[test]
fn floors_never_fall_when_the_task_gets_easier() -> Result<(), SuiteError> {
    let mut compared = 0;
    for name in built_in::names() {
        let text = built_in::text(name).unwrap_or_default();
        // Rows that are included have the floors of their own suites, which are those of other clips.
        if text.lines().any(|line| line.starts_with("include")) {
            continue;
        }
        let suite = Suite::load(name)?;
        for easy in &suite.rows {
            for hard in suite.rows.iter().filter(|hard| *hard != easy) {
                if !is_no_harder(easy, hard) {
                    continue;
                }
                compared += 1;
                for (above, below) in [
                    (easy.min_rate, hard.min_rate),
                    (easy.min_any_rate, hard.min_any_rate),
                    (easy.min_fragment_rate, hard.min_fragment_rate),
                ] {
                    if let (Some(above), Some(below)) = (above, below) {
                        assert!(above >= below, "{name}: {} {}", easy.attack, hard.attack);
                    }
                }
            }
        }
    }
    assert!(compared > 20, "{compared}");
    Ok(())
}

#[test]
fn wrong_suites_are_named() {
    let row = "[[row]]\nattack = \"h264-crf33\"\npath = \"read\"\nmin_rate = 0.9\n";
    assert!(Suite::parse("x", &format!("{SMALL}{row}")).is_ok());
    for (text, word) in [
        (SMALL.to_owned(), "nothing to measure"),
        (
            format!("{SMALL}{}", row.replace("crf33", "crf99")),
            "crf0 to crf63",
        ),
        (format!("{SMALL}{}", row.replace("read", "guess")), "guess"),
        (format!("{SMALL}{}", row.replace("0.9", "90")), "0 to 1"),
        (
            format!("{SMALL}{}", row.replace("0.9", "0.0")),
            "everything reaches",
        ),
        (
            format!("{SMALL}[quality]\nmin_psnr_y_db = 0\n{row}"),
            "min_psnr_y_db",
        ),
        (
            format!("{SMALL}min_clips = 3\nmax_clips = 2\n{row}"),
            "min_clips",
        ),
        (format!("include = [\"x\"]\n{SMALL}{row}"), "itself"),
        (format!("{SMALL}first_seconds = 0\n{row}"), "1 to 36000"),
        (format!("{SMALL}{row}{row}"), "two rows"),
        (format!("{SMALL}{row}extra = 1\n"), "extra"),
        (
            format!(
                "{SMALL}{}",
                row.replace("read", "identify")
                    .replace("h264", "pasted+h264")
            ),
            "another title",
        ),
        (
            format!(
                "{SMALL}[catalogue]\nunknown = [\"b\"]\nsame = [{{ clip = \"a\", other = \"b\" }}]\n{row}"
            ),
            "b: it is unknown",
        ),
        (
            format!("{SMALL}{row}min_fragment_rate = 1.5\n"),
            "min_fragment_rate",
        ),
        ("version = 2\nshape = 1".to_owned(), "version 1"),
        ("not toml".to_owned(), "malformed"),
    ] {
        let message = Suite::parse("x", &text).map_or_else(told, |_| String::new());
        assert!(message.contains(word), "{word}: {message}");
        assert!(
            message.matches("TOML parse error").count() <= 1,
            "said once: {message}"
        );
    }
    let message = Suite::load("nonsense").map_or_else(|e| e.to_string(), |_| String::new());
    assert!(
        message.contains("pr, smoke, nightly") && message.contains("nonsense"),
        "{message}"
    );
    assert!(matches!(
        Suite::load("absent.toml"),
        Err(SuiteError::Read { .. })
    ));
}

#[test]
fn clips_are_taken_by_size_length_and_name() -> Result<(), SuiteError> {
    let row = "[[row]]\nattack = \"h264-crf33\"\npath = \"trace\"\nmin_rate = 1\n";
    let mut suite = Suite::parse("x", &format!("{SMALL}{row}"))?;
    let takes =
        |suite: &Suite, stem, side, seconds| suite.clips.refusal(stem, side, seconds).is_none();
    assert!(takes(&suite, "a", 360, 4.0));
    assert!(!takes(&suite, "a", 359, 9.0) && !takes(&suite, "a", 720, 3.9));
    suite.clips.only = vec!["b".to_owned()];
    assert!(takes(&suite, "b", 360, 4.0) && !takes(&suite, "a", 360, 4.0));
    Ok(())
}

#[test]
fn unknown_clips_are_asked_of_the_register_only_and_bystanders_by_name() -> Result<(), SuiteError> {
    let text = format!(
        "{SMALL}[catalogue]\nunknown = [\"b\"]\nbystanders = [\"d\", \"e\"]\n\
         [[row]]\nattack = \"h264-crf33\"\npath = \"read\"\n\
         [[row]]\nattack = \"h264-crf33\"\npath = \"identify\"\nonly = [\"a\", \"b\", \"d\"]\n"
    );
    let suite = Suite::parse("x", &text)?;
    let asks = |row: usize, clip: &str| suite.asks(&suite.rows[row], clip);
    assert!(asks(0, "a") && asks(0, "c") && !asks(0, "b") && !asks(0, "d"));
    assert!(asks(1, "a") && asks(1, "b") && asks(1, "d") && !asks(1, "c") && !asks(1, "e"));
    assert!(suite.preparation().ends_with(", one register without b"));
    Ok(())
}

#[test]
fn clips_of_the_suites_for_the_register_are_told_apart() -> Result<(), SuiteError> {
    for name in ["identify", "trace"] {
        let suite = Suite::load(name)?;
        let catalogue = suite.catalogue.clone().unwrap_or_default();
        let alike = catalogue.same.iter().flat_map(|p| [&p.clip, &p.other]);
        let of_rows = suite.rows.iter().flat_map(|row| &row.only);
        let unasked = catalogue.unknown.iter().chain(&catalogue.bystanders);
        for clip in unasked.chain(alike).chain(of_rows) {
            assert!(suite.clips.only.contains(clip), "{name}: {clip}");
        }
        assert!(!catalogue.unknown.is_empty(), "{name}");
        let known = |row: &Row| {
            suite
                .clips
                .only
                .iter()
                .any(|c| suite.asks(row, c) && !suite.is_unknown(c))
        };
        assert!(suite.rows.iter().all(known), "{name}");
    }
    assert_eq!(Suite::load("trace")?.deliveries.registered, 1000);
    Ok(())
}

#[test]
fn every_suite_asks_where_nobody_may_be_named() -> Result<(), SuiteError> {
    for name in built_in::names() {
        let mut suite = Suite::load(name)?;
        let own = suite.rows.len();
        suite.complete();
        let left_out = suite.negatives.left_out();
        for path in DetectorPath::ALL {
            if !suite.rows[..own].iter().any(|row| row.path == path) {
                continue;
            }
            let asks = |source| {
                let of = |row: &&Row| row.path == path && row.attack.source() == Some(source);
                suite.rows.iter().any(|row| of(&row))
            };
            assert!(asks(Source::Stranger) || !left_out.is_empty(), "{name}");
            if path != DetectorPath::Identify {
                assert!(
                    (asks(Source::Unmarked) && asks(Source::WrongKeys)) || !left_out.is_empty(),
                    "{name}"
                );
            }
        }
        // A second time adds nothing.
        let once = suite.rows.len();
        suite.complete();
        assert_eq!(suite.rows.len(), once, "{name}");
    }
    Ok(())
}

#[test]
fn unmarked_each_has_a_twin_of_every_attack_on_a_copy() -> Result<(), SuiteError> {
    let mut suite = Suite::load("peers")?;
    let marked = suite.rows.len();
    suite.complete();
    let twins = suite
        .rows
        .iter()
        .filter(|row| row.attack.source() == Some(Source::Unmarked));
    assert_eq!((marked, twins.count()), (40, 40));
    let attacks: std::collections::BTreeSet<String> = suite.rows[..marked]
        .iter()
        .map(|row| row.attack.to_string())
        .collect();
    assert_eq!(attacks.len(), 20);
    Ok(())
}
