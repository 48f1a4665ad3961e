//! Programs that misbehave, each stopped with one line that says how.

use super::*;

const LIMITS: Limits = Limits {
    seconds: 20.0,
    memory_mb: 256,
};

struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("work")).expect("a folder");
        fs::write(folder.path().join("in.mkv"), "a film").expect("a file");
        Self { folder }
    }

    /// Runs a script of the shell, which is the program here.
    fn run(&self, script: &str, limits: Limits, output: Option<&str>) -> Result<String, CallError> {
        let (work, input) = (
            self.folder.path().join("work"),
            self.folder.path().join("in.mkv"),
        );
        let words: Vec<OsString> = ["sh", "-c", script, "sh", &input.to_string_lossy()]
            .map(OsString::from)
            .to_vec();
        let workshop = Workshop {
            folder: &work,
            input: &input,
            output,
        };
        call(&words, limits, workshop)
    }

    fn fails(&self, script: &str, limits: Limits, output: Option<&str>) -> String {
        let line = self
            .run(script, limits, output)
            .err()
            .map_or_else(String::new, |e| e.to_string());
        assert!(!line.contains('\n') && line.len() < 300, "{line}");
        line
    }
}

#[test]
fn what_is_printed_is_answered_and_what_was_asked_for_may_be_written() {
    let room = Room::new();
    assert_eq!(
        room.run("echo yes; echo no >&2", LIMITS, None)
            .expect("an answer"),
        "yes\n"
    );
    assert_eq!(
        room.run("cat \"$1\" > out.mkv", LIMITS, Some("out.mkv"))
            .expect("an answer"),
        ""
    );
}

#[test]
fn there_is_room_for_temporary_files_that_are_gone_afterwards() {
    let room = Room::new();
    let told = room.run("mktemp", LIMITS, None).expect("a name");
    assert!(
        told.starts_with(&*room.folder.path().to_string_lossy()),
        "{told}"
    );
    assert!(!Path::new(told.trim()).exists());
}

#[test]
fn a_program_that_hangs_is_stopped_with_all_that_it_started() {
    let room = Room::new();
    let short = Limits {
        seconds: 0.3,
        ..LIMITS
    };
    let begun = Instant::now();
    let marker = room.folder.path().join("alive");
    let script = format!("(sleep 2; touch {}) & sleep 60", marker.display());
    assert_eq!(
        room.fails(&script, short, None),
        "sh was stopped after 0.3 s, its limit"
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
    thread::sleep(Duration::from_millis(2300));
    assert!(!marker.exists(), "what it started goes on");
}

#[test]
fn a_program_that_leaves_something_running_is_not_waited_for() {
    let room = Room::new();
    let begun = Instant::now();
    assert_eq!(
        room.run("sleep 60 & echo done", LIMITS, None)
            .expect("an answer"),
        "done\n"
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_crash_is_named_with_its_last_line() {
    let room = Room::new();
    let line = room.fails("echo first >&2; echo the last >&2; exit 3", LIMITS, None);
    assert_eq!(line, "sh failed (exit status: 3): the last");
    assert!(
        room.fails("kill -SEGV $$", LIMITS, None)
            .contains("signal: 11")
    );
    let missing = call(
        &[OsString::from("/nonexistent/program")],
        LIMITS,
        Workshop {
            folder: room.folder.path(),
            input: room.folder.path(),
            output: None,
        },
    );
    assert!(missing.is_err_and(|e| e.to_string().starts_with("cannot start program")));
}

#[test]
fn a_gigabyte_of_output_and_a_gigabyte_of_memory_are_cut_short() {
    let room = Room::new();
    let line = room.fails("yes | head -c 1000000000", LIMITS, None);
    assert_eq!(line, "sh was stopped: it printed more than 1048576 bytes");
    assert!(room.fails("yes >&2", LIMITS, None).contains("printed more"));
    let little = Limits {
        memory_mb: 64,
        ..LIMITS
    };
    // One line without an end, which is held whole.
    let line = room.fails("tr '\\0' 'x' < /dev/zero | sed -n p", little, None);
    assert_eq!(line, "sh was stopped at 64 MiB of memory, its limit");
}

#[test]
fn another_file_none_and_a_changed_input_are_told() {
    let room = Room::new();
    let fresh = || Room::new();
    assert_eq!(
        room.fails("true", LIMITS, Some("out.mkv")),
        "sh did not write out.mkv"
    );
    let line = fresh().fails("touch out.mkv other.bin", LIMITS, Some("out.mkv"));
    assert_eq!(line, "sh wrote another file: other.bin");
    assert_eq!(
        fresh().fails("touch left", LIMITS, None),
        "sh wrote another file: left"
    );
    let line = fresh().fails("echo more >> \"$1\"", LIMITS, None);
    assert_eq!(line, "sh changed its input in.mkv");
    let line = fresh().fails("printf '\\377\\376'", LIMITS, None);
    assert_eq!(line, "sh: its answer is no text");
}
