//! Plans, worked: what is refused before the work, what is made, what is not made twice.

use std::fs;
use std::sync::Mutex;

use countermark_mastering::batch::{
    BatchObserver, BatchOptions, Checked, Plan, RowReport, RowState, Watching, check_plan, run,
    watch,
};
use countermark_mastering::{Presets, Stage};
use countermark_register::DeliveryState;

use crate::house::House;

fn checked(house: &House, plan: &str, options: &BatchOptions) -> Checked {
    let path = house.path("plan.csv");
    fs::write(&path, plan).expect("a plan");
    let plan = Plan::read(&path, &Presets::load(None).expect("presets")).expect("a plan");
    check_plan(&house.vault, plan, options).expect("checked")
}

fn quick() -> BatchOptions {
    BatchOptions {
        verify: false,
        ..BatchOptions::default()
    }
}

fn states(reports: &[RowReport]) -> Vec<RowState> {
    reports.iter().map(|report| report.state).collect()
}

#[test]
fn rows_that_cannot_be_made_are_named_and_the_others_are_made_once() {
    let house = House::with_title(24);
    fs::write(house.path("taken.mp4"), "somebody's").expect("a file");
    let register = house.vault.register();
    let lumen = register.distributor_named("Lumen").expect("a name");
    register.retire_distributor(lumen.id).expect("retired");
    let plan = "master,title,distributor,output,until,speed,contract\n\
        film.mp4,T,Nordlicht,out/{title}-{distributor}.mp4,,ultrafast,K-1\n\
        film.mp4,T,Nobody,b.mp4,,ultrafast,\n\
        film.mp4,T,Seaview,taken.mp4,,ultrafast,\n\
        film.mp4,T,Seaview,d.mp4,2020-01-01,ultrafast,\n\
        film.mp4,T,Lumen,e.mp4,,ultrafast,\n\
        missing.mp4,T,Seaview,f.mp4,,ultrafast,\n\
        film.mp4,Unknown,Seaview,g.mp4,,ultrafast,\n\
        film.mp4,T,Seaview,out/T-Nordlicht.mp4,,ultrafast,\n\
        film.mp4,T,Seaview,{distributor}.mp4,,ultrafast,\n";
    let plan_checked = checked(&house, plan, &quick());
    let said: Vec<(usize, String)> = plan_checked
        .problems
        .iter()
        .map(|(_, problem)| (problem.row, problem.fault.to_string()))
        .collect();
    for (row, words) in [
        (2, "\"Nobody\""),
        (3, "exists"),
        (4, "after the licence ended on 2020-01-01"),
        (5, "retired"),
        (6, "no master"),
        (7, "\"Unknown\""),
        (8, "row 1 has the same output"),
    ] {
        let found = said.iter().find(|(number, _)| *number == row);
        assert!(
            found.is_some_and(|(_, said)| said.contains(words)),
            "row {row}: {said:?}"
        );
    }
    assert_eq!(said.len(), 7, "{said:?}");
    let reports = run(&house.vault, &plan_checked, &quick(), &());
    let mut wanted = vec![RowState::Failed; 9];
    (wanted[0], wanted[8]) = (RowState::Made, RowState::Made);
    assert_eq!(states(&reports), wanted);
    assert!(house.path("out/T-Nordlicht.mp4").exists() && house.path("Seaview.mp4").exists());
    assert_eq!(
        fs::read(house.path("taken.mp4")).expect("a file"),
        b"somebody's"
    );
    // The licence is in the ledger.
    let attested = house.vault.attested().expect("a ledger that holds").0;
    let id = reports[0].delivery.expect("a delivery");
    let licence = attested.register().delivery(id).expect("on record").licence;
    assert_eq!(licence.contract.as_deref(), Some("K-1"));
    // Once more: nothing is left to do, and nothing is made twice.
    let again = checked(&house, plan, &quick());
    let reports = run(&house.vault, &again, &quick(), &());
    (wanted[0], wanted[8]) = (RowState::Before, RowState::Before);
    assert_eq!(states(&reports), wanted);
    let complete = house.vault.register().deliveries(None).expect("deliveries");
    let complete = complete
        .iter()
        .filter(|it| it.state == DeliveryState::Complete);
    assert_eq!(complete.count(), 2);
}

#[test]
fn a_master_is_decoded_once_for_all_its_rows_and_new_titles_are_added() {
    #[derive(Default)]
    struct Groups(Mutex<Vec<(String, usize)>>);
    impl BatchObserver for Groups {
        fn group(&self, title: &str, copies: usize, _: usize, _: usize) {
            let mut seen = self.0.lock().expect("whole");
            seen.push((title.to_owned(), copies));
        }
    }
    let house = House::with_title(24);
    fs::copy(house.path("film.mp4"), house.path("two.mp4")).expect("a copy");
    let plan = "master,title,distributor,output,speed\n\
        film.mp4,T,Nordlicht;Seaview;Lumen,{title}-{distributor}.mp4,ultrafast\n\
        tw*.mp4,,Nordlicht;Seaview,{title}-{distributor}.mp4,ultrafast\n";
    let options = BatchOptions {
        add_titles: true,
        jobs: 2,
        ..quick()
    };
    let plan_checked = checked(&house, plan, &options);
    assert!(
        plan_checked.problems.is_empty(),
        "{:?}",
        plan_checked.problems
    );
    let seen = Groups::default();
    let reports = run(&house.vault, &plan_checked, &options, &seen);
    assert_eq!(states(&reports), [RowState::Made; 5]);
    let mut seen = seen.0.into_inner().expect("whole");
    seen.sort();
    assert_eq!(seen, [("T".to_owned(), 3), ("two".to_owned(), 2)]);
}

#[test]
fn copies_that_memory_has_no_room_for_at_once_are_made_in_parts() {
    #[derive(Default)]
    struct Markings(Mutex<Vec<usize>>);
    impl BatchObserver for Markings {
        fn stage(&self, _: &str, stage: Stage, _: Option<u64>) {
            if let Stage::Marking { copies } = stage {
                self.0.lock().expect("whole").push(copies);
            }
        }
    }
    let house = House::with_title(8);
    let plan = "master,title,distributor,output,speed\n\
        film.mp4,T,Nordlicht;Seaview;Lumen,{title}-{distributor}.mp4,ultrafast\n";
    let options = BatchOptions {
        memory: Some(1),
        ..quick()
    };
    let plan_checked = checked(&house, plan, &options);
    let seen = Markings::default();
    let reports = run(&house.vault, &plan_checked, &options, &seen);
    assert_eq!(states(&reports), [RowState::Made; 3]);
    assert_eq!(seen.0.into_inner().expect("whole"), [1, 1, 1]);
}

#[test]
fn a_folder_is_watched_and_what_arrives_is_made() {
    let house = House::with_title(24);
    fs::create_dir(house.path("in")).expect("a folder");
    let (plan, folder) = (house.path("plan.csv"), house.path("in"));
    let text = "master,title,distributor,output,speed\n\
        in/*.mp4,T,Nordlicht,out/{stem}.mp4,ultrafast\n";
    fs::write(&plan, text).expect("a plan");
    let presets = Presets::load(None).expect("presets");
    let watching = Watching {
        folder: &folder,
        plan: &plan,
        presets: &presets,
        interval: std::time::Duration::from_millis(50),
        settled: std::time::Duration::from_millis(100),
        until_idle: Some(std::time::Duration::from_millis(1500)),
    };
    let reports = std::thread::scope(|scope| {
        let watched = scope.spawn(|| watch(&house.vault, &watching, &quick(), &()));
        std::thread::sleep(std::time::Duration::from_millis(200));
        fs::copy(house.path("film.mp4"), house.path("in/ep1.mp4")).expect("a master");
        watched.join().expect("no panic").expect("watched")
    });
    assert_eq!(states(&reports), [RowState::Made]);
    assert!(house.path("out/ep1.mp4").exists());
}
