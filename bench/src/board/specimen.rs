//! Made-up files of runs for the tests of boards.

use std::fmt::Write as _;

/// The head of `results.csv`, as far as a board reads it.
pub(super) const HEAD: &str = "system,suite,group,attack,path,clip,answer,expected,log10_p,detector_seconds,unknown,score,bit_accuracy,claims,failure,attacked_psnr_y_db\n";

/// The head of `systems.csv`, as far as a board reads it.
pub(super) const SYSTEMS: &str = "system,version,suite,clip,bits,keys,reference,register,claim_log10_fpr,psnr_y_db,ssim,vmaf_mean,xpsnr_y_db,bd_rate,metrics,frames,marking_seconds\n";

/// A run of a system that survives up to a CRF on ten clips; `twins` unmarked clips follow each attack.
pub(super) fn run(system: &str, path: &str, survives: f64, twins: usize) -> (String, String) {
    let (mut trials, mut systems) = (HEAD.to_owned(), SYSTEMS.to_owned());
    for clip in 0..10 {
        for (crf, left) in [(20.0, 42.0), (30.0, 37.0), (40.0, 31.0)] {
            // Clips differ a little in how much they bear.
            let exact = crf < survives + f64::from(clip) - 4.5;
            let (answer, score) = if exact { ("exact", 9.0) } else { ("none", 1.5) };
            let _ = writeln!(
                trials,
                "{system},s,A,h264-crf{crf},{path},c{clip},{answer},aa,-{score},0.5,false,{score},{},{exact},,{left}",
                if exact { 1.0 } else { 0.5 }
            );
            for twin in 0..twins {
                let _ = writeln!(
                    trials,
                    "{system},s,M,unmarked+h264-crf{crf},{path},c{clip}-{twin},exact,,,0.5,false,{},,false,,",
                    f64::from(twin as u32) / 10.0
                );
            }
        }
        let _ = writeln!(
            systems,
            "{system},1.0,s,c{clip},64,true,true,true,-9,47,0.99,,,0.05,LPIPS=?no such program,20,1"
        );
    }
    (trials, systems)
}
