//! Which pages may speak to the server.
//!
//! A browser says with each request which page asks (`Origin`) and by which name it calls the
//! server (`Host`). A page of another site must not lead the show of whoever looks at it, nor may
//! one that has its own name lead to this machine (DNS rebinding).

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// The names that a server answers to, and the pages that may speak to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins {
    /// Pages of other sites, as `https://desk.example.org`.
    pub(crate) allowed: Vec<String>,
    /// Names of this machine.
    pub(crate) hosts: Vec<String>,
}

impl Origins {
    /// Whether a request calls the server by one of its names: an address, `localhost`, or a name
    /// that was told.
    pub(crate) fn knows_host(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| self.is_ours(name_of(host)))
    }

    fn is_ours(&self, name: &str) -> bool {
        let address = name.trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost")
            || address.parse::<IpAddr>().is_ok()
            || self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
    }

    /// Whether the page that asks, if it is a page, is one of ours or of those that may.
    pub(crate) fn allows(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        if self.allowed.iter().any(|allowed| allowed.trim_end_matches('/') == origin) {
            return true;
        }
        let page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        matches!((page, host), (Some(page), Some(host)) if page.eq_ignore_ascii_case(host))
    }
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    if host.parse::<SocketAddr>().is_ok() || !host.starts_with('[') {
        host.rsplit_once(':').map_or(host, |(name, _)| name)
    } else {
        host
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        headers
    }

    #[test]
    fn a_page_of_another_site_is_not_heard() {
        let origins = Origins {
            allowed: vec!["https://desk.example.org".to_owned()],
            hosts: vec!["lights.local".to_owned()],
        };
        let allows = |host, origin| origins.allows(&headers(host, origin));
        assert!(allows("127.0.0.1:7060", None));
        assert!(allows("127.0.0.1:7060", Some("http://127.0.0.1:7060")));
        assert!(allows("lights.local", Some("https://lights.local")));
        assert!(allows("127.0.0.1:7060", Some("https://desk.example.org")));
        for stranger in ["http://127.0.0.1:80", "http://evil.example", "null", "file://"] {
            assert!(!allows("127.0.0.1:7060", Some(stranger)), "{stranger}");
        }
    }

    #[test]
    fn a_name_that_was_made_to_lead_here_is_not_ours() {
        let origins = Origins { hosts: vec!["lights.local".to_owned()], ..Origins::default() };
        let ours = ["127.0.0.1:7060", "localhost:7060", "[::1]:7060", "[::1]", "Lights.local:1"];
        for host in ours {
            assert!(origins.knows_host(&headers(host, None)), "{host}");
        }
        for host in ["evil.example", "evil.example:7060", "localhost.evil.example", ""] {
            assert!(!origins.knows_host(&headers(host, None)), "{host}");
        }
        assert!(!origins.knows_host(&HeaderMap::new()));
    }
}
