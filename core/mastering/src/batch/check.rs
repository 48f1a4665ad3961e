//! A plan against the vault and the disks, before the first frame.
//!
//! ```text
//! row -> on record as complete: done     -> names, master, container, encoder, licence, output, other rows, room: a problem or work
//! ```

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use countermark_catalogue::Vault;
use countermark_register::{Day, DeliveryRecord, DeliveryState, DistributorRecord, RegisterError};

use super::fault::{Problem, RowFault};
use super::plan::{Plan, Row};
use super::space::Space;
use super::{BatchOptions, Likeness};
use crate::{CopyRequest, DeliveryRequest, MasteringError};

/// A plan that was checked.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// Every row that can be made or is made, in the plan's order.
    pub rows: Vec<CheckedRow>,
    /// Every row that cannot be made.
    pub problems: Vec<(Option<Row>, Problem)>,
}

/// A row that can be made or is made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckedRow {
    /// The row.
    pub row: Row,
    /// Whether it is to be made.
    pub standing: Standing,
    /// The master as it was when it was looked at.
    pub(crate) master: Option<Likeness>,
}

/// Whether a row is to be made.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Standing {
    /// It is to be made.
    ToDo,
    /// It is on record as complete.
    Done(Box<DeliveryRecord>),
}

/// Checks every row of a plan. Nothing is written.
///
/// # Errors
/// When the register cannot be read.
pub fn check_plan(
    vault: &Vault,
    plan: Plan,
    options: &BatchOptions,
) -> Result<Checked, MasteringError> {
    let mut check = Check {
        vault,
        options,
        today: Day::today(),
        on_record: on_record(vault)?,
        retired: retired(vault)?,
        titles: HashMap::new(),
        outputs: HashMap::new(),
        space: Space::default(),
    };
    let mut checked = Checked::default();
    for problem in plan.problems {
        checked.problems.push((None, problem));
    }
    for row in plan.rows {
        let master = Likeness::of(&row.master);
        match check.row(&row, master.as_ref()) {
            Ok(standing) => checked.rows.push(CheckedRow {
                row,
                standing,
                master,
            }),
            Err(fault) => {
                let problem = Problem {
                    row: row.number,
                    about: format!("{} for {}", row.title, row.distributor),
                    fault,
                };
                checked.problems.push((Some(row), problem));
            }
        }
    }
    checked.problems.sort_by_key(|(_, problem)| problem.row);
    Ok(checked)
}

/// What is known while rows are checked, one after the other.
struct Check<'a> {
    vault: &'a Vault,
    options: &'a BatchOptions,
    today: Day,
    /// By output.
    on_record: HashMap<PathBuf, Vec<DeliveryRecord>>,
    /// Names of retired distributors.
    retired: Vec<DistributorRecord>,
    /// The first master of each title that is still to be added.
    titles: HashMap<String, PathBuf>,
    outputs: HashMap<PathBuf, usize>,
    space: Space,
}

impl Check<'_> {
    fn row(&mut self, row: &Row, master: Option<&Likeness>) -> Result<Standing, RowFault> {
        let output = absolute(&row.output);
        if let Some(other) = self.outputs.insert(output.clone(), row.number) {
            self.outputs.insert(output, other);
            return Err(RowFault::SameOutput {
                other,
                output: row.output.clone(),
            });
        }
        if let Some(done) = self.standing(row, &output)? {
            return Ok(done);
        }
        if let Some(outside) = row.licence.outside(&self.today) {
            return Err(RowFault::OutsideLicence(outside));
        }
        let Some(master) = master else {
            return Err(RowFault::NoMaster {
                path: row.master.clone(),
            });
        };
        if let Some(retired) = self.retired.iter().find(|it| it.name == row.distributor) {
            let name = retired.name.clone();
            return Err(MasteringError::from(RegisterError::Retired { name }).into());
        }
        let request = request(&[row], self.options, self.options.threads);
        match crate::check(self.vault, &request) {
            Ok(()) => {}
            Err(MasteringError::Register(RegisterError::UnknownTitle { .. }))
                if self.options.add_titles =>
            {
                self.new_title(row)?;
            }
            Err(error) => return Err(error.into()),
        }
        let folder = output.parent().unwrap_or(Path::new("."));
        // At CRF 16 a copy takes about what its master does, and a preset for the web less.
        self.space.take(folder, master.bytes())?;
        Ok(Standing::ToDo)
    }

    /// What the register knows of the row's output.
    fn standing(&self, row: &Row, output: &Path) -> Result<Option<Standing>, RowFault> {
        let known = self.on_record.get(output).map_or(&[][..], Vec::as_slice);
        let mut of_row = known
            .iter()
            .filter(|it| it.title == row.title && it.distributor == row.distributor);
        // The newest one says it.
        let Some(newest) = of_row.rfind(|it| it.state != DeliveryState::Failed) else {
            return Ok(None);
        };
        let is_there = output.symlink_metadata().is_ok();
        match newest.state {
            DeliveryState::Complete if is_there || !self.options.again => {
                Ok(Some(Standing::Done(Box::new(newest.clone()))))
            }
            DeliveryState::Pending if newest.output_sha256.is_some() && !self.options.again => {
                Err(RowFault::Moved {
                    delivery: newest.id,
                })
            }
            DeliveryState::Pending if newest.output_sha256.is_none() => Err(RowFault::BeingMade {
                delivery: newest.id,
            }),
            _ => Ok(None),
        }
    }

    /// A row whose title is to be added: the same master for all of that name, and a distributor that is known.
    fn new_title(&mut self, row: &Row) -> Result<(), RowFault> {
        self.vault
            .register()
            .distributor_named(&row.distributor)
            .map_err(MasteringError::from)?;
        if row.output.symlink_metadata().is_ok() {
            return Err(MasteringError::OutputExists {
                path: row.output.clone(),
            }
            .into());
        }
        let first = self.titles.entry(row.title.clone());
        if first.or_insert_with(|| row.master.clone()) != &row.master {
            return Err(RowFault::Value {
                field: "title",
                wanted: "of one master, but other rows have it for another",
                value: row.title.clone(),
            });
        }
        countermark_media::probe(&row.master).map_err(MasteringError::from)?;
        Ok(())
    }
}

/// Deliveries on record by where they were written.
fn on_record(vault: &Vault) -> Result<HashMap<PathBuf, Vec<DeliveryRecord>>, MasteringError> {
    let mut known: HashMap<PathBuf, Vec<DeliveryRecord>> = HashMap::new();
    for delivery in vault.register().deliveries(None)? {
        if let Some(path) = &delivery.output_path {
            known.entry(path.clone()).or_default().push(delivery);
        }
    }
    Ok(known)
}

/// Distributors that the ledger says are retired.
fn retired(vault: &Vault) -> Result<Vec<DistributorRecord>, MasteringError> {
    let heard = vault.register().testimony()?;
    let all = heard.distributors().iter();
    Ok(all.filter(|it| it.retired.is_some()).cloned().collect())
}

/// One request for rows of one master.
pub(super) fn request(
    rows: &[&Row],
    options: &BatchOptions,
    threads: Option<std::num::NonZeroUsize>,
) -> DeliveryRequest {
    let first = rows[0];
    DeliveryRequest {
        title: first.title.clone(),
        master: first.master.clone(),
        copies: rows
            .iter()
            .map(|row| CopyRequest {
                distributor: row.distributor.clone(),
                licensee: row.licensee.clone(),
                licence: row.licence.clone(),
                output: row.output.clone(),
                encode: row.encode.clone(),
            })
            .collect(),
        strength: first.strength,
        threads,
        verify: options.verify,
        signer: None,
    }
}

/// Rows that are made from one decode, in the order of their first.
pub(super) fn groups(rows: &[CheckedRow]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: BTreeMap<(PathBuf, String, u32), usize> = BTreeMap::new();
    for (index, checked) in rows.iter().enumerate() {
        if checked.standing != Standing::ToDo {
            continue;
        }
        let row = &checked.row;
        let key = (
            row.master.clone(),
            row.title.clone(),
            row.strength.value().to_bits(),
        );
        let place = *known.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(index);
    }
    groups
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
