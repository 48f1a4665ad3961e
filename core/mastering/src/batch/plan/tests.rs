//! Plans as people write them, and as they get them wrong.

use super::*;

fn read(name: &str, text: &str, files: &[&str]) -> Result<Plan, PlanError> {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        fs::write(folder.path().join(file), "pictures").expect("a file");
    }
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a plan");
    Plan::read(&path, &Presets::load(None).expect("a table"))
}

fn names(plan: &Plan) -> Vec<(usize, String, String, String)> {
    let file = |path: &Path| {
        path.file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    let rows = plan.rows.iter();
    rows.map(|row| {
        (
            row.number,
            row.title.clone(),
            row.distributor.clone(),
            file(&row.output),
        )
    })
    .collect()
}

#[test]
fn a_pattern_is_a_row_for_each_file_and_each_distributor() {
    let text = "master,distributor,output\nep*.mp4,Nord; Sea,{title}-{distributor}.mp4\n";
    let plan = read("p.csv", text, &["ep2.mp4", "ep1.mp4", "other.mov"]).expect("a plan");
    let wanted = [
        ("ep1", "Nord", "ep1-Nord.mp4"),
        ("ep1", "Sea", "ep1-Sea.mp4"),
        ("ep2", "Nord", "ep2-Nord.mp4"),
        ("ep2", "Sea", "ep2-Sea.mp4"),
    ];
    let wanted = wanted.map(|(t, d, o)| (1, t.to_owned(), d.to_owned(), o.to_owned()));
    assert_eq!(names(&plan), wanted);
}

#[test]
fn toml_says_the_same_with_defaults_and_lists() {
    let text = r#"
        [defaults]
        output = "{title}-{distributor}.mp4"
        territories = ["DE", "AT"]
        [[row]]
        master = "a.mp4"
        title = "A/B"
        distributor = ["Nord", "Sea"]
        strength = 1.5
        [[row]]
        master = "a.mp4"
        distributor = "Lumen"
        until = "2030-12-31"
    "#;
    let plan = read("p.toml", text, &["a.mp4"]).expect("a plan");
    assert_eq!(plan.rows.len(), 3);
    assert_eq!(names(&plan)[0].3, "A_B-Nord.mp4");
    assert_eq!(plan.rows[0].title, "A/B");
    assert_eq!(plan.rows[1].licence.territories, ["DE", "AT"]);
    assert_eq!(plan.rows[2].number, 2);
    assert_eq!(plan.rows[2].licence.until, Day::parse("2030-12-31"));
}

#[test]
fn a_column_too_few_or_too_many_is_named() {
    let error = read("p.csv", "master,output\na.mp4,b.mp4\n", &[]).expect_err("no distributor");
    assert!(
        error.to_string().ends_with("no column \"distributor\""),
        "{error}"
    );
    let text = "master,distributor,output,colour\na,b,c,d\n";
    let error = read("p.csv", text, &[]).expect_err("another column");
    assert!(error.to_string().contains("\"colour\""), "{error}");
    let error = read("p.csv", "master,distributor,output\n", &[]).expect_err("no row");
    assert!(matches!(error, PlanError::Empty { .. }), "{error}");
}

#[test]
fn what_a_row_gets_wrong_is_said_of_that_row_and_the_others_stand() {
    let text = "master,distributor,output,until,crf,preset\n\
        a.mp4,Nord,1.mp4,2026-02-30,,\n\
        b*.mp4,Nord,2.mp4,,,\n\
        a.mp4,,3.mp4,,,\n\
        a.mp4,Nord,{tilte}.mp4,,,\n\
        a.mp4,Nord,5.mp4,,99,\n\
        a.mp4,Nord,6.mp4,,,nothing-like-it\n\
        a.mp4,Nord,7.mp4,2026-03-01,20,\n";
    let plan = read("p.csv", text, &["a.mp4"]).expect("a plan");
    let rows: Vec<usize> = plan.problems.iter().map(|problem| problem.row).collect();
    assert_eq!(rows, [1, 2, 3, 4, 5, 6]);
    let said: Vec<String> = plan
        .problems
        .iter()
        .map(|it| it.fault.to_string())
        .collect();
    assert_eq!(
        said[0],
        "its until must be a day as YYYY-MM-DD, got \"2026-02-30\""
    );
    assert!(said[1].starts_with("no master matches"), "{said:?}");
    assert_eq!(said[2], "it has no distributor");
    assert_eq!(names(&plan).len(), 1);
}
