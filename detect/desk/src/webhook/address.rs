//! Where a webhook may lead: an address of the wide web.
//!
//! # References
//! IANA IPv4 and IPv6 Special-Purpose Address Registries: what is not globally reachable is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::Uri;

/// An address that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) is_tls: bool,
    /// Without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// As the header `Host` says it.
    pub(crate) authority: String,
    /// From the first slash on.
    pub(crate) path: String,
}

impl Target {
    /// The target of a text.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn parse(url: &str) -> Result<Self, &'static str> {
        let uri: Uri = url
            .parse()
            .map_err(|_| "the address cannot be understood")?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") if cfg!(feature = "tls") => true,
            Some("https") => {
                return Err(
                    "this program was built without TLS: https targets need the feature `tls`",
                );
            }
            _ => return Err("the address is neither http nor https"),
        };
        let authority = uri.authority().ok_or("the address names no host")?;
        if authority.as_str().contains('@') {
            return Err("the address names a user");
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        if host.is_empty() {
            return Err("the address names no host");
        }
        // What follows the host is nothing or a port, which the parser does not look at.
        let rest = authority.as_str().get(authority.host().len()..);
        let port = match rest.unwrap_or_default().strip_prefix(':') {
            Some(digits) => digits.parse().ok().filter(|port| *port > 0),
            None if is_tls => Some(443),
            None => Some(80),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            is_tls,
            host: host.to_owned(),
            port: port.ok_or("the address has no port that can be")?,
            authority: authority.to_string(),
            path: path.to_owned(),
        })
    }

    /// The same for one that may not lead into a network of our own; a name is looked at when it is resolved.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn checked(url: &str, private_targets: bool) -> Result<Self, &'static str> {
        let target = Self::parse(url)?;
        let known: Option<IpAddr> = target.host.parse().ok();
        if !private_targets && known.is_some_and(|ip| !is_public(ip)) {
            return Err("the address is one of a private network");
        }
        Ok(target)
    }
}

/// Whether an address is one of the wide web.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        // Carriers' own, IETF protocols, benchmarks, relays of 6to4.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 192 && b == 88 && c == 99))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let groups = ip.segments();
    if let Some(inner) = ip.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    // NAT64 and 6to4 lead to the IPv4 address that they hold.
    if groups[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(Ipv4Addr::from(
            (u32::from(groups[6]) << 16) | u32::from(groups[7]),
        ));
    }
    if groups[0] == 0x2002 {
        return is_public_v4(Ipv4Addr::from(
            (u32::from(groups[1]) << 16) | u32::from(groups[2]),
        ));
    }
    // Global unicast is 2000::/3; of it 2001::/23 is for protocols, 2001:db8::/32 and 3fff::/20 for documents.
    groups[0] & 0xe000 == 0x2000
        && !(groups[0] == 0x2001 && groups[1] < 0x200)
        && !(groups[0] == 0x2001 && groups[1] == 0xdb8)
        && !(groups[0] == 0x3fff && groups[1] < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_networks_of_our_own_are_told_from_those_of_the_web() {
        let is_public = |text: &str| is_public(text.parse().expect("an address"));
        for ip in [
            "8.8.8.8",
            "93.184.216.34",
            "172.32.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(ip), "{ip}");
        }
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(ip), "{ip}");
        }
    }

    #[test]
    fn an_address_is_taken_apart_and_tricks_are_refused() {
        let target = Target::checked("http://hook.example:8080/a?b=1", false).expect("a target");
        assert_eq!(
            (&*target.host, target.port, &*target.path),
            ("hook.example", 8080, "/a?b=1")
        );
        assert_eq!(
            Target::parse("http://hook.example").expect("a target").path,
            "/"
        );
        for trick in [
            "ftp://a.example/",
            "file:///etc/passwd",
            "http://u:p@a.example/",
            "http://",
            "/a",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://169.254.169.254/latest/",
            "http://a.example:0/",
            "http://a.example:99999/",
            "gopher://a/",
        ] {
            assert!(Target::checked(trick, false).is_err(), "{trick}");
        }
        assert!(Target::checked("http://127.0.0.1:9/", true).is_ok());
        let tls = Target::parse("https://a.example/");
        assert_eq!(tls.is_ok(), cfg!(feature = "tls"), "{tls:?}");
    }
}
