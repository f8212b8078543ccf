//! Where a request comes from: the connection's peer, or what a trusted proxy says about it.
//!
//! `X-Forwarded-For` is anybody's to write. It is read from the right, and only as far as each hop is a proxy that the operator
//! named; the first address that isn't one of them is the client.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use http::HeaderMap;

/// The peer of the connection, put into each request by [`crate::serve`].
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

impl ClientAddr {
    /// The network that throttles count by: IPv4 /24, IPv6 /48.
    pub fn network(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        }
    }
}

/// A range of addresses, `10.0.0.0/8` or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    base: u128,
    mask: u128,
}

/// A text that isn't a range of addresses.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an address or a range like 10.0.0.0/8")]
pub struct BadRange(String);

fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl FromStr for Range {
    type Err = BadRange;

    fn from_str(text: &str) -> Result<Self, BadRange> {
        let bad = || BadRange(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let offset = if address.is_ipv4() { 96 } else { 0 };
        let bits = bits.map_or(128, |bits| bits.saturating_add(offset));
        if bits > 128 {
            return Err(bad());
        }
        let mask = if bits == 0 {
            0
        } else {
            u128::MAX << (128 - bits)
        };
        Ok(Self {
            base: wide(address) & mask,
            mask,
        })
    }
}

impl Range {
    /// Is the address inside?
    pub fn contains(&self, address: IpAddr) -> bool {
        wide(address) & self.mask == self.base
    }
}

/// The client behind `peer`.
pub(crate) fn resolve(peer: IpAddr, headers: &HeaderMap, proxies: &[Range]) -> ClientAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|range| range.contains(address));
    let mut client = peer.to_canonical();
    if !trusted(client) {
        return ClientAddr(client);
    }
    let hops = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|hop| hop.trim().parse::<IpAddr>().ok())
        .collect::<Vec<_>>();
    for hop in hops.into_iter().rev() {
        // What a proxy couldn't read as an address ends the chain: the last good hop stands.
        let Some(hop) = hop else { break };
        client = hop.to_canonical();
        if !trusted(client) {
            break;
        }
    }
    ClientAddr(client)
}
