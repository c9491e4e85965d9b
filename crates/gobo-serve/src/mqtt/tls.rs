use std::path::Path;
use std::sync::Arc;

use rumqttc::{TlsConfiguration, Transport};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{MqttError, MqttTls};

/// The way to a broker with TLS. Reads the files that are named.
pub(super) fn transport(tls: &MqttTls) -> Result<Transport, MqttError> {
    let unusable = |error: tokio_rustls::rustls::Error| MqttError::Tls(error.to_string());
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(roots(tls.ca.as_deref())?);
    let config = match &tls.client {
        None => config.with_no_client_auth(),
        Some(client) => {
            let key = PrivateKeyDer::from_pem_file(&client.key)
                .map_err(|error| spoilt(&client.key, &error))?;
            config
                .with_client_auth_cert(certificates(&client.certificate)?, key)
                .map_err(unusable)?
        }
    };
    Ok(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config))))
}

fn spoilt(path: &Path, error: &impl ToString) -> MqttError {
    MqttError::File { path: path.to_owned(), message: error.to_string() }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, MqttError> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| spoilt(path, &error))?;
    if certificates.is_empty() {
        return Err(spoilt(path, &"there is no certificate in it"));
    }
    Ok(certificates)
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, MqttError> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|error| spoilt(path, &error))?;
            }
        }
        None => {
            // The system may have odd ones; those that can be read count.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(MqttError::Tls("the system trusts no certificate".to_owned()));
            }
        }
    }
    Ok(roots)
}
