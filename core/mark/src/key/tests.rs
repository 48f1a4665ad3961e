use super::*;
use crate::payload::Payload;
use hkdf::hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::Sha256;

fn counting(start: u8) -> [u8; 32] {
    std::array::from_fn(|i| start.wrapping_add(i as u8))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// RFC 5869 by hand, on the primitive HMAC.
fn hkdf_by_hand(ikm: &[u8; 32], label: &str, context: &[u8]) -> [u8; 32] {
    let hmac = |key: &[u8], message: &[u8]| -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
        mac.update(message);
        mac.finalize().into_bytes().into()
    };
    let prk = hmac(b"countermark/v1", ikm);
    hmac(&prk, &[label.as_bytes(), &[0], context, &[1]].concat())
}

struct Tree {
    carrier: CarrierKey,
    payload: PayloadKey,
    scoped: ScopedPayloadKey,
    delivery: DeliveryKey,
}

const TITLE: TitleId = TitleId(*b"title-0123456789");
const DISTRIBUTOR: DistributorId = DistributorId(*b"distributor-0123");
const PAYLOAD: Payload = Payload::new(0x0123_4567_89ab_cdef);

fn tree() -> Tree {
    let owner = OwnerSecret::from_bytes(counting(0));
    let payload = owner.payload_key(DISTRIBUTOR);
    let scoped = payload.scoped(TITLE);
    Tree {
        carrier: owner.carrier(TITLE),
        delivery: scoped.delivery(PAYLOAD),
        payload,
        scoped,
    }
}

#[test]
fn derivations_are_rfc_5869() {
    let tree = tree();
    let owner = counting(0);
    assert_eq!(
        *tree.carrier.expose_bytes(),
        hkdf_by_hand(&owner, "carrier", &TITLE.0)
    );
    assert_eq!(
        *tree.payload.expose_bytes(),
        hkdf_by_hand(&owner, "payload", &DISTRIBUTOR.0)
    );
    assert_eq!(
        *tree.scoped.expose_bytes(),
        hkdf_by_hand(tree.payload.expose_bytes(), "payload/title", &TITLE.0)
    );
    assert_eq!(
        *tree.delivery.expose_bytes(),
        hkdf_by_hand(
            tree.scoped.expose_bytes(),
            "delivery",
            &[1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]
        )
    );
    for (key, label) in [
        (tree.carrier.chip_signs(), "chip/signs"),
        (tree.carrier.chip_roles(), "chip/roles"),
        (tree.carrier.sync_layout(), "sync/layout"),
        (tree.carrier.dither(), "dither"),
    ] {
        assert_eq!(
            *key.expose_bytes(),
            hkdf_by_hand(tree.carrier.expose_bytes(), label, &[]),
            "{label}"
        );
    }
    assert_eq!(
        *tree.scoped.whitening().expose_bytes(),
        hkdf_by_hand(tree.scoped.expose_bytes(), "whitening", &[])
    );
}

#[test]
fn keys_are_pinned() {
    let tree = tree();
    let golden = [
        (
            hex(tree.carrier.expose_bytes()),
            "6d7e6a526c0819b2802eeec9df3914cb8d5278376bd5e9a6bbc9d3413de0722e",
        ),
        (
            hex(tree.payload.expose_bytes()),
            "6437a7fcdeacbd1ec64892bb0d0b218518d3362252cd38aecfe0e8ff62f1958e",
        ),
        (
            hex(tree.scoped.expose_bytes()),
            "de6204f76332b43191aecee5999a76a97fcf2285fd385131f59ddd7553f3bdb6",
        ),
        (
            hex(tree.delivery.expose_bytes()),
            "936b9366db4d8ea23e89231c72cd878dd8eac077a1535b6bd0b0720eda241578",
        ),
        (
            hex(tree.carrier.chip_signs().expose_bytes()),
            "8e4d075a971e2209dc3f5871f3e44d406989f6b8dcd726e4b455798edae09115",
        ),
        (
            hex(tree.carrier.chip_roles().expose_bytes()),
            "00e4d905308964d4186896082a4bec84cab56f54aa1cbf8b4f1c23e7423e844f",
        ),
        (
            hex(tree.carrier.sync_layout().expose_bytes()),
            "f8a273ec1282f3efa535277d95f2d27ad00c1888d4a7d8a0785183d121aa27a8",
        ),
        (
            hex(tree.carrier.dither().expose_bytes()),
            "844269c1869be3a22eea99f59e3f6571e855159472e37ddcfb30fb0ce9b29cb1",
        ),
        (
            hex(tree.scoped.whitening().expose_bytes()),
            "0c8b7d703fbd8cf3db6ec2b4e3ae45deb96bb7c39c4b05e65ea3814ebdfc63b3",
        ),
    ];
    for (key, expected) in golden {
        assert_eq!(key, expected);
    }
}

#[test]
fn stream_is_the_published_chacha20() {
    // draft-nir-cfrg-chacha20-poly1305, test vector 1: the zero key and nonce, block 0.
    let mut block = [0; 64];
    StreamKey::from_bytes([0; 32])
        .stream(0)
        .fill_bytes(&mut block);
    assert_eq!(
        hex(&block),
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7\
         da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
    );
}

#[test]
fn streams_are_pinned() {
    let key = StreamKey::from_bytes(counting(0x40));
    let mut stream = key.stream(0x0102_0304_0506_0708);
    assert_eq!(
        [stream.next_word(), stream.next_word()],
        [1_927_774_572, 4_065_202_132]
    );
    assert_eq!(
        [10, 1000, 0x8000_0001, u32::MAX].map(|n| stream.below(n)),
        [1, 787, 1_696_526_553, 617_784_088]
    );
    let mut signs = [0.0; 8];
    stream.signs(&mut signs);
    assert_eq!(signs.map(|sign| sign as i8), [-1, -1, -1, 1, -1, 1, -1, -1]);
    assert_eq!(
        key.stream(3).permutation(16),
        [10, 2, 5, 6, 0, 15, 1, 13, 9, 12, 4, 11, 14, 8, 3, 7]
    );
}

#[test]
fn epochs_have_streams_of_their_own() {
    let key = StreamKey::from_bytes(counting(1));
    let first = |epoch| {
        let mut stream = key.stream(epoch);
        [stream.next_word(), stream.next_word()]
    };
    assert_ne!(first(0), first(1));
    // The epoch is a nonce of 64 bits, not a block counter: no epoch is a shifted copy of another.
    let long: Vec<u32> = {
        let mut stream = key.stream(0);
        (0..4096).map(|_| stream.next_word()).collect()
    };
    assert!(!long.windows(2).any(|pair| pair == first(1)));
}

#[test]
fn below_is_uniform() {
    let mut stream = StreamKey::from_bytes(counting(2)).stream(0);
    let mut counts = [0_u32; 7];
    for _ in 0..70_000 {
        counts[stream.below(7) as usize] += 1;
    }
    // Ten standard deviations of a binomial count around 10,000.
    assert!(
        counts.iter().all(|count| count.abs_diff(10_000) < 930),
        "{counts:?}"
    );
}

#[test]
fn keys_print_their_type_only() {
    let tree = tree();
    assert_eq!(
        format!("{:?} {:?}", tree.carrier, tree.scoped),
        "CarrierKey(..) ScopedPayloadKey(..)"
    );
    assert_eq!(
        format!("{:?}", tree.carrier.dither().stream(0)),
        "KeyStream(..)"
    );
    assert_eq!(
        format!("{:?}", tree.scoped.deliveries()),
        "DeliveryKeys(..)"
    );
}

proptest! {
    #[test]
    fn permutation_holds_every_number_once(seed: [u8; 32], epoch: u64, n in 0_u32..600) {
        let mut order = StreamKey::from_bytes(seed).stream(epoch).permutation(n);
        order.sort_unstable();
        prop_assert_eq!(order, (0..n).collect::<Vec<_>>());
    }

    #[test]
    fn below_stays_below(seed: [u8; 32], n in 1_u32..) {
        let mut stream = StreamKey::from_bytes(seed).stream(0);
        for _ in 0..16 {
            prop_assert!(stream.below(n) < n);
        }
    }

    #[test]
    fn bytes_are_the_words(seed: [u8; 32], len in 0_usize..70) {
        let key = StreamKey::from_bytes(seed);
        let mut bytes = vec![0; len];
        key.stream(1).fill_bytes(&mut bytes);
        let mut words = key.stream(1);
        let expected: Vec<u8> = (0..len.div_ceil(4)).flat_map(|_| words.next_word().to_le_bytes()).collect();
        prop_assert_eq!(&bytes, &expected[..len]);
    }
}
