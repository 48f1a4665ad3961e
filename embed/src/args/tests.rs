use super::*;
use clap::CommandFactory as _;

#[test]
fn the_command_line_is_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn the_designed_commands_are_understood() {
    for line in [
        "vault init",
        "vault init --passphrase --passphrase-file p",
        "vault seal --passphrase-fd 3",
        "vault unseal",
        "vault backup d",
        "vault restore d --head 00 --vault v",
        "mark - -o out.mp4 --title T --distributor D",
        "mark m.mov -o out.mp4 --title T --distributor D --config c.toml",
        "vault index",
        "vault check",
        "vault check --head 00 --json",
        "title add m.mov --title T",
        "distributor add D",
        "mark m.mov -o out.mp4 --title T --distributor D",
        "mark m.mov -o out.mp4 --title T --distributor D --licensee L --strength 1.5 --encoder libx265 --crf 20 \
         --preset slow --gop 48",
        "mark m.mov -o out.mp4 --title T --distributor D --encoder libx264 --bitrate 8M",
        "mark m.mov -o out.mxf --title T --distributor D --preset xdcam-hd422 --presets p.toml --allow-loss alpha,captions",
        "mark m.mov -o out.mxf --title T --distributor D --like-master --op-atom",
        "mark --list-presets --json",
        "mark m.mov -o out.mp4 --title T --distributor D --no-verify",
        "verify out.mp4",
        "verify out.mp4 --delivery 000102030405060708090a0b0c0d0e0f --master m.mov --contact-sheet d",
        "batch plan.csv --jobs 2 --dry-run --csv t.csv --junit t.xml --add-titles",
        "batch plan.toml --strict --again --no-verify",
        "watch in --plan plan.csv --until-idle 10",
        "title list",
        "title rename A B",
        "distributor rename A B",
        "distributor retire A",
        "distributor list --json",
        "licence set 000102030405060708090a0b0c0d0e0f --contract K --territory DE,AT --from 2026-01-01 --until 2026-12-31 --use svod --note N",
        "delivery revoke 000102030405060708090a0b0c0d0e0f --reason late",
        "deliveries --distributor D --payload 00 --territory DE --contract K --state complete --csv",
        "deliveries",
        "deliveries --title T --json",
        "key export --title T -o k",
        "key export --title T --distributor D --expert -o package",
        "ledger head --json",
        "ledger prove 12",
        "ledger stamp --request head.tsq",
        "ledger stamp --response head.tsr --authority ca.pem",
        "ledger stamp --tsa http://example.org/tsr --authority ca.pem",
        "record script.pdf board.pdf --stage storyboard --title T",
        "key export --title T --distributor D --distributor E -o k",
    ] {
        let words = std::iter::once("countermark-embed").chain(line.split_whitespace());
        CommandLine::try_parse_from(words).expect(line);
    }
}

#[test]
fn an_unknown_loss_is_answered_with_those_there_are() {
    let words = "countermark-embed mark m -o o.mp4 --title T --distributor D --allow-loss sound";
    let error = CommandLine::try_parse_from(words.split_whitespace()).expect_err("no such kind");
    assert!(error.to_string().contains("captions"), "{error}");
}

#[test]
fn quality_and_bitrate_exclude_each_other() {
    let words = "countermark-embed mark m -o o.mp4 --title T --distributor D --crf 20 --bitrate 8M";
    CommandLine::try_parse_from(words.split_whitespace()).expect_err("both");
}
