//! Marked copies: on record first, then through the encoders, then whole.
//!
//! ```text
//! check all -> deliveries pending -> one decode, N marks, N encoders, manifests -> SHA-256 -> final names -> deliveries complete
//!                              \-> any error, a cancel -> no file -> delivery failed
//! ```
//!
//! A copy is the same file, bit for bit, whether it is made alone or with others, if its payload, its settings and the
//! number of threads are the same.

use std::io;
use std::path::Path;
use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_mark::{FormatSpec, Strength};
use countermark_media::{
    CancelToken, FinishedCopy, MediaError, Piped, TranscodeReport, clear_fresh_memory, stocktake,
    transcode_many, transcode_piped,
};
use countermark_register::{DeliveryOutcome, DeliveryRecord, DeliveryState, FileHash, NewDelivery};

use crate::delivered::{Delivered, FailedCopy};
use crate::error::chain;
use crate::frames::StageFrames;
use crate::likeness::{Likeness, Reference};
use crate::marker::{Light, Marker};
use crate::request::{Plan, check_pictures_of_pipe};
use crate::settle::settle_first;
use crate::telling::{Share, share_of_pictures};
use crate::title::cancelled;
use crate::verify::{self, Verification};
use crate::{CopyRequest, DeliveryRequest, MasteringError, Notice, Observer, Stage};

mod ending;
mod signing;

use ending::{Begun, fail_or_leave, other_pictures, was_published};

/// A master with a smaller share of pictures that are neither black nor flat is warned of.
const FEW_PICTURES: f64 = 0.25;

/// Makes marked copies of one master from one decode. Answers one result a copy, in the request's order: a copy that fails
/// ends no other. A cancel ends all of them, unless they already have their names.
///
/// Calls [`clear_fresh_memory`], which holds for the whole process: without it x264 may write other bytes for the second of
/// two equal copies.
///
/// # Errors
/// When nothing was made, and nothing is on record but as failed: a name is unknown, the master is not the registered one,
/// an output exists or cannot hold the copy, the register cannot be written, the observer's token was set before.
pub fn deliver(
    vault: &Vault,
    request: &DeliveryRequest,
    observer: &dyn Observer,
) -> Result<Vec<Result<Delivered, FailedCopy>>, MasteringError> {
    deliver_from(vault, request, (None, None), observer)
}

/// As [`deliver`], of a master that comes through a pipe: [`DeliveryRequest::master`] is [`Piped::path`]. It is decoded once, as it
/// comes. The written file is read back with its keys alone, for the master is not there a second time; pictures are counted.
///
/// # Errors
/// As [`deliver`].
pub fn deliver_piped(
    vault: &Vault,
    request: &DeliveryRequest,
    master: &Piped,
    observer: &dyn Observer,
) -> Result<Vec<Result<Delivered, FailedCopy>>, MasteringError> {
    deliver_from(vault, request, (Some(master), None), observer)
}

/// Takes the bytes of a whole copy where it is to go; an error where not all of them came there.
pub type Hand<'a> = &'a (dyn Fn(&Path) -> io::Result<()> + Sync);

/// As [`deliver`], or [`deliver_piped`] where there is a `master`, of copies that are handed on and get no name: once one is whole and was
/// read back, `hand` is given its file, which is gone afterwards. A copy that `hand` did not take is on record as failed, with what it was.
///
/// # Errors
/// As [`deliver`].
pub fn deliver_handed(
    vault: &Vault,
    request: &DeliveryRequest,
    (master, hand): (Option<&Piped>, Hand<'_>),
    observer: &dyn Observer,
) -> Result<Vec<Result<Delivered, FailedCopy>>, MasteringError> {
    deliver_from(vault, request, (master, Some(hand)), observer)
}

fn deliver_from(
    vault: &Vault,
    request: &DeliveryRequest,
    (piped, hand): (Option<&Piped>, Option<Hand<'_>>),
    observer: &dyn Observer,
) -> Result<Vec<Result<Delivered, FailedCopy>>, MasteringError> {
    let cancel = observer.cancel_token().cloned().unwrap_or_default();
    clear_fresh_memory();
    settle_first(vault, &cancel, observer);
    let plan = Plan::of(vault, request, piped.is_none())?;
    if cancel.is_cancelled() {
        return Err(MasteringError::Cancelled);
    }
    if request.strength != Strength::DEFAULT {
        observer.notice(Notice::StrengthUnmeasured);
    }
    check_pictures(vault, request, &plan, observer)?;
    let begun = begin(vault, request, &plan, observer)?;
    let work = Work {
        vault,
        observer,
        cancel: &cancel,
        piped,
        hand,
    };
    let complete = work
        .make(request, &plan, &begun)
        .and_then(|(marker, files)| work.describe(request, &plan, &begun, (&marker, files)));
    Ok(match complete {
        Ok(files) => {
            let copies = begun.into_iter().zip(files);
            copies
                .map(|(begun, file)| match file {
                    Ok(file) => work.publish(begun, file),
                    Err(error) => Err(work.fail(&begun, &Arc::new(error))),
                })
                .collect()
        }
        Err(error) => {
            let error = Arc::new(error);
            begun
                .iter()
                .map(|begun| Err(work.fail(begun, &error)))
                .collect()
        }
    })
}

/// Refuses a master without pictures that carry a mark, and warns of one with few.
fn check_pictures(
    vault: &Vault,
    request: &DeliveryRequest,
    plan: &Plan,
    observer: &dyn Observer,
) -> Result<(), MasteringError> {
    let mut reference = Reference::new(vault.catalogue().reference_path(&plan.title));
    let registered = &plan.title.master;
    let rate = f64::from(registered.frame_rate.num) / f64::from(registered.frame_rate.den);
    let frame_seconds = if rate > 0.0 { 1.0 / rate } else { 0.04 };
    let seconds = registered.duration_seconds;
    match share_of_pictures(&mut reference, seconds, frame_seconds, FEW_PICTURES) {
        Some(Share::Of(0.0)) => Err(MasteringError::NothingToMark {
            path: request.master.clone(),
        }),
        Some(Share::Of(share)) if share < FEW_PICTURES => {
            observer.notice(Notice::FewPictures { share });
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A complete file that is still under its temporary name, and what the register is to know of it.
struct Complete {
    file: FinishedCopy,
    outcome: DeliveryOutcome,
    verification: Option<Verification>,
    worst_second: Option<(u64, f64)>,
}

/// Puts every copy on record; if one cannot be, none is made.
fn begin(
    vault: &Vault,
    request: &DeliveryRequest,
    plan: &Plan,
    observer: &dyn Observer,
) -> Result<Vec<Begun>, MasteringError> {
    let mut begun: Vec<Begun> = Vec::with_capacity(request.copies.len());
    for (number, copy) in request.copies.iter().enumerate() {
        match begin_copy(vault, request, plan, number) {
            Ok(copy) => {
                observer.notice(Notice::DeliveryBegun {
                    copy: number,
                    delivery: copy.delivery.id,
                });
                begun.push(copy);
            }
            Err(error) => {
                let reason = format!(
                    "not begun, because {} could not be recorded",
                    copy.output.display()
                );
                for earlier in begun {
                    fail_or_leave(vault, &earlier, &reason);
                }
                return Err(error);
            }
        }
    }
    Ok(begun)
}

fn begin_copy(
    vault: &Vault,
    request: &DeliveryRequest,
    plan: &Plan,
    number: usize,
) -> Result<Begun, MasteringError> {
    let (copy, planned): (&CopyRequest, _) = (&request.copies[number], &plan.copies[number]);
    let delivery = vault.register().begin_delivery(&NewDelivery {
        title: &plan.title,
        distributor: &planned.distributor,
        licensee: copy.licensee.as_deref(),
        strength: f64::from(request.strength.value()),
        format: FormatSpec::CURRENT,
        encoder_settings: &signing::on_record(request, planned),
        output: &copy.output,
    })?;
    if !copy.licence.is_empty()
        && let Err(error) = vault.register().set_licence(delivery.id, &copy.licence)
    {
        let begun = Begun {
            delivery,
            output: copy.output.clone(),
        };
        fail_or_leave(
            vault,
            &begun,
            "not begun, because its licence could not be recorded",
        );
        return Err(error.into());
    }
    Ok(Begun {
        delivery,
        output: copy.output.clone(),
    })
}

/// What the work on all copies needs.
struct Work<'a> {
    vault: &'a Vault,
    observer: &'a dyn Observer,
    cancel: &'a CancelToken,
    /// Where the master comes from, if not from its file.
    piped: Option<&'a Piped>,
    /// Where copies go, if not to their names.
    hand: Option<Hand<'a>>,
}

type Files = Vec<Result<FinishedCopy, MediaError>>;

impl Work<'_> {
    /// Decodes once, marks and encodes every copy.
    fn make(
        &self,
        request: &DeliveryRequest,
        plan: &Plan,
        begun: &[Begun],
    ) -> Result<(Marker, Files), MasteringError> {
        let carrier = self.vault.register().carrier_key(plan.title.id);
        let reference = self.vault.catalogue().reference_path(&plan.title);
        let light = Light::of(&plan.info);
        let mut marker = Marker::new(carrier, light, Some(Likeness::new(reference)));
        for (planned, begun) in plan.copies.iter().zip(begun) {
            let scoped = self
                .vault
                .register()
                .scoped_payload_key(planned.distributor.id, plan.title.id);
            marker
                .add(
                    planned.size(&plan.info),
                    &scoped,
                    begun.delivery.payload,
                    request.strength,
                )
                .map_err(|source| MasteringError::NotMarkable {
                    path: request.master.clone(),
                    source,
                })?;
        }
        let orders: Vec<_> = plan.copies.iter().map(|copy| copy.order.clone()).collect();
        let marking = StageFrames {
            observer: self.observer,
            stage: Stage::Marking {
                copies: orders.len(),
            },
            cancel: self.cancel,
        };
        let files = match self.piped {
            Some(piped) => transcode_piped(piped, &orders, &mut marker, &marking),
            None => transcode_many(&request.master, &orders, &mut marker, &marking),
        };
        let files = files.map_err(|error| other_pictures(request, error))?;
        Ok((marker, files))
    }

    /// Hashes the complete files and reads them back; a cancel gives up all of them.
    fn describe(
        &self,
        request: &DeliveryRequest,
        plan: &Plan,
        begun: &[Begun],
        (marker, files): (&Marker, Files),
    ) -> Result<Vec<Result<Complete, MasteringError>>, MasteringError> {
        self.observer.stage(Stage::Hashing, None);
        let master = self.piped.is_none().then_some(&*request.master);
        let master_stock = if request.verify && master.is_some() {
            Some(stocktake(&request.master, self.cancel).map_err(cancelled)?)
        } else {
            None
        };
        let described = files
            .into_iter()
            .enumerate()
            .map(|(copy, file)| {
                let file = self.signed(file?, request, plan, &begun[copy].delivery)?;
                if self.piped.is_some() {
                    check_pictures_of_pipe(file.report().frames, &plan.title)?;
                }
                let cancelled = || self.cancel.is_cancelled();
                let output_sha256 = FileHash::of_file(file.path(), &cancelled)
                    .map_err(|source| MasteringError::File {
                        act: "read",
                        path: file.path().to_owned(),
                        source,
                    })?
                    .ok_or(MasteringError::Cancelled)?;
                let psnr_y_db = marker.psnr_y_db(copy);
                if psnr_y_db.is_infinite() {
                    return Err(MasteringError::NothingToMark {
                        path: request.master.clone(),
                    });
                }
                let outcome = DeliveryOutcome {
                    frames: file.report().frames,
                    psnr_y_db,
                    output_sha256,
                };
                let worst_second = marker.worst_second(copy);
                let verification = if request.verify {
                    let delivery = DeliveryRecord {
                        frames: Some(outcome.frames),
                        // Keys alone do not read every picture: that is said, and held against no file of one's own making.
                        output_sha256: master.is_none().then_some(output_sha256),
                        ..begun[copy].delivery.clone()
                    };
                    let checked = verify::Request {
                        file: file.path(),
                        delivery: &delivery,
                        master,
                        master_stock: master_stock.as_ref(),
                        carriage: Some(&file.report().carriage),
                        also_seconds: worst_second.map(|(second, _)| second as f64),
                        sha256: Some(output_sha256),
                        title_mark: Some(marker.title_mark(copy)),
                    };
                    self.observer.stage(Stage::Verifying, None);
                    Some(verify::verify(self.vault, &checked, self.cancel)?)
                } else {
                    None
                };
                Ok(Complete {
                    file,
                    outcome,
                    verification,
                    worst_second,
                })
            })
            .collect();
        if self.cancel.is_cancelled() {
            return Err(MasteringError::Cancelled);
        }
        Ok(described)
    }

    /// Gives a complete file its name and settles its delivery.
    fn publish(&self, begun: Begun, complete: Complete) -> Result<Delivered, FailedCopy> {
        let Complete {
            file,
            outcome,
            verification,
            worst_second,
        } = complete;
        let register = self.vault.register();
        let id = begun.delivery.id;
        let recorded = register
            .record_outcome(id, &outcome)
            .map_err(MasteringError::from)
            .and_then(|_| match &verification {
                Some(found) => Ok(verify::record(self.vault, id, &begun.output, found)?),
                None => Ok(()),
            });
        if let Some(found) = verification.as_ref().filter(|found| !found.holds())
            && recorded.is_ok()
        {
            return Err(self.put_aside(&begun, file, found));
        }
        let published = recorded.and_then(|()| self.given(file));
        let transcode = match published {
            Ok(transcode) => transcode,
            Err(error) if was_published(&error, &begun.output) => {
                return Err(self.stays_pending(begun, error));
            }
            Err(error) => return Err(self.fail(&begun, &Arc::new(error))),
        };
        // From here on the copy exists: whatever fails now leaves the delivery pending, which is scored as well.
        let delivery = match register.complete_delivery(id) {
            Ok(delivery) => delivery,
            Err(error) => return Err(self.stays_pending(begun, error.into())),
        };
        for stream in &transcode.dropped_streams {
            self.observer.notice(Notice::StreamDropped {
                output: begun.output.clone(),
                stream: stream.clone(),
            });
        }
        if let Some(found) = verification.as_ref().filter(|it| !it.remarks.is_empty()) {
            self.observer.notice(Notice::Verified {
                output: begun.output.clone(),
                remarks: found.remarks.clone(),
            });
        }
        for note in &transcode.notes {
            self.observer.notice(Notice::Changed {
                output: begun.output.clone(),
                note: note.clone(),
            });
        }
        Ok(Delivered {
            delivery,
            output: begun.output,
            written_psnr_y_db: verification.as_ref().and_then(|found| found.psnr_y_db),
            verification,
            worst_second,
            transcode,
        })
    }

    /// Gives a file its name, or hands it on.
    fn given(&self, file: FinishedCopy) -> Result<TranscodeReport, MasteringError> {
        let Some(hand) = self.hand else {
            return Ok(file.publish()?);
        };
        hand(file.path()).map_err(|source| MasteringError::NotHanded { source })?;
        Ok(file.report().clone())
    }

    /// Keeps a file that is not what was ordered under another name, and fails its delivery: what was made is on record, so
    /// a copy that somebody hands on all the same is scored.
    fn put_aside(&self, begun: &Begun, file: FinishedCopy, found: &Verification) -> FailedCopy {
        let faults = found.in_one_line();
        let error = match file.quarantine() {
            Ok(quarantine) => MasteringError::Unverified {
                output: begun.output.clone(),
                faults,
                quarantine,
            },
            Err(error) => error.into(),
        };
        self.fail(begun, &Arc::new(error))
    }

    fn fail(&self, begun: &Begun, error: &Arc<MasteringError>) -> FailedCopy {
        let reason = if error.is_cancelled() {
            "interrupted".to_owned()
        } else {
            chain(error.as_ref())
        };
        let (output, delivery) = (begun.output.clone(), begun.delivery.id);
        let unrecorded = fail_or_leave(self.vault, begun, &reason);
        FailedCopy {
            output,
            delivery,
            state: if unrecorded.is_some() {
                DeliveryState::Pending
            } else {
                DeliveryState::Failed
            },
            unrecorded,
            error: Arc::clone(error),
        }
    }

    fn stays_pending(&self, begun: Begun, error: MasteringError) -> FailedCopy {
        self.vault.register().leave_delivery(begun.delivery.id);
        FailedCopy {
            output: begun.output,
            delivery: begun.delivery.id,
            state: DeliveryState::Pending,
            unrecorded: None,
            error: Arc::new(error),
        }
    }
}
