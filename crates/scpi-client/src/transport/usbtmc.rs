//! USBTMC by the kernel's `/dev/usbtmcN`: a write is a message, a read is an answer or a full buffer of it.
//!
//! The device blocks, so that each transfer has a thread of the runtime's pool; what it brings is kept until
//! somebody asks. Device clear and status byte are calls that the kernel has by `ioctl` alone, which safe code
//! cannot make: after a timeout the device is opened anew. The kernel's own timeout of a transfer is 5 s.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use scpi_protocol::address::Address;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout_at};

use super::Arrived;
use crate::discover::Found;

/// Bytes of an answer that one transfer brings at most; an answer of fewer has ended.
const TRANSFER_BYTES: usize = 64 << 10;

/// Where the kernel lists its devices.
const LISTED: &str = "/sys/class/usbmisc";

/// An open device, and the transfers that are under way on it.
pub(crate) struct Device {
    file: Arc<File>,
    reading: Mutex<Option<JoinHandle<io::Result<Vec<u8>>>>>,
    writing: Mutex<Option<JoinHandle<io::Result<usize>>>>,
}

/// Opens a device by its file.
pub(super) fn open(path: &Path) -> io::Result<Arc<Device>> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let (reading, writing) = (Mutex::default(), Mutex::default());
    Ok(Arc::new(Device { file: Arc::new(file), reading, writing }))
}

/// The file of the device with these numbers.
pub(super) fn find(vendor: u16, product: u16, serial: &str) -> io::Result<PathBuf> {
    find_in(Path::new(LISTED), vendor, product, serial)
}

/// The devices that the kernel lists.
pub(crate) fn devices() -> Vec<Found> {
    listed_in(Path::new(LISTED))
        .into_iter()
        .map(|(_, address)| Found { address, name: None })
        .collect()
}

fn find_in(listed: &Path, vendor: u16, product: u16, serial: &str) -> io::Result<PathBuf> {
    let wanted = Address::Usbtmc { vendor, product, serial: serial.to_owned() };
    let mut all = listed_in(listed).into_iter();
    let found = all.find(|(_, address)| *address == wanted);
    let what = || format!("no USBTMC device {wanted}; is the kernel's usbtmc driver there?");
    found.map(|(path, _)| path).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, what()))
}

/// Device files, each with the address by its numbers.
fn listed_in(listed: &Path) -> Vec<(PathBuf, Address)> {
    let entries = std::fs::read_dir(listed).into_iter().flatten().flatten();
    let devices = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        // The interface; the numbers are those of the device that it belongs to.
        let usb = std::fs::canonicalize(entry.path().join("device")).ok()?;
        let told = |file: &str| std::fs::read_to_string(usb.parent()?.join(file)).ok();
        let number = |file: &str| u16::from_str_radix(told(file)?.trim(), 16).ok();
        let (vendor, product) = (number("idVendor")?, number("idProduct")?);
        let serial = told("serial")?.trim().to_owned();
        let path = Path::new("/dev").join(&name);
        name.starts_with("usbtmc").then_some((path, Address::Usbtmc { vendor, product, serial }))
    });
    devices.collect()
}

impl Device {
    /// The next piece of an answer; nothing when the deadline passed first. Dropped, it has lost nothing.
    pub(super) async fn read(
        &self,
        buffer: &mut Vec<u8>,
        deadline: Instant,
    ) -> io::Result<Option<Arrived>> {
        let mut reading = self.reading.lock().await;
        loop {
            let transfer = reading.get_or_insert_with(|| self.begin_read());
            let Ok(done) = timeout_at(deadline, transfer).await else { return Ok(None) };
            *reading = None;
            match done.map_err(io::Error::other)? {
                Ok(bytes) => return Ok(Some(arrived(bytes, buffer))),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What a transfer that is under way has brought; no transfer is begun.
    pub(super) fn read_now(&self, buffer: &mut Vec<u8>) -> io::Result<Option<Arrived>> {
        let Ok(mut reading) = self.reading.try_lock() else { return Ok(None) };
        let Some(transfer) = reading.take_if(|transfer| transfer.is_finished()) else {
            return Ok(None);
        };
        let mut transfer = std::pin::pin!(transfer);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match transfer.as_mut().poll(&mut context) {
            std::task::Poll::Ready(done) => match done.map_err(io::Error::other)? {
                Ok(bytes) => Ok(Some(arrived(bytes, buffer))),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(None),
                Err(error) => Err(error),
            },
            std::task::Poll::Pending => Ok(None),
        }
    }

    /// Sends a message, which is one write; the same again after a drop waits for the first.
    pub(super) async fn send(
        &self,
        message: &[u8],
        deadline: Instant,
    ) -> io::Result<Option<usize>> {
        let mut writing = self.writing.lock().await;
        let transfer = writing.get_or_insert_with(|| self.begin_write(message.to_vec()));
        let Ok(done) = timeout_at(deadline, transfer).await else { return Ok(None) };
        *writing = None;
        done.map_err(io::Error::other)?.map(Some)
    }

    fn begin_read(&self) -> JoinHandle<io::Result<Vec<u8>>> {
        let file = Arc::clone(&self.file);
        spawn_blocking(move || {
            let mut bytes = vec![0; TRANSFER_BYTES];
            let read = (&*file).read(&mut bytes)?;
            bytes.truncate(read);
            Ok(bytes)
        })
    }

    fn begin_write(&self, message: Vec<u8>) -> JoinHandle<io::Result<usize>> {
        let file = Arc::clone(&self.file);
        spawn_blocking(move || (&*file).write_all(&message).map(|()| message.len()))
    }
}

fn arrived(bytes: Vec<u8>, buffer: &mut Vec<u8>) -> Arrived {
    buffer.extend_from_slice(&bytes);
    if bytes.len() < TRANSFER_BYTES { Arrived::End } else { Arrived::Bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_found_by_its_numbers() {
        let listed = tempfile::tempdir().unwrap();
        for (name, serial) in [("usbtmc0", "DS1K1"), ("usbtmc1", "DS1K2"), ("hiddev0", "DS1K3")] {
            let usb = listed.path().join(name);
            std::fs::create_dir_all(usb.join("device")).unwrap();
            for (file, text) in [("idVendor", "1ab1"), ("idProduct", "0588"), ("serial", serial)] {
                std::fs::write(usb.join(file), format!("{text}\n")).unwrap();
            }
        }
        let found = find_in(listed.path(), 0x1ab1, 0x0588, "DS1K2").unwrap();
        assert_eq!(found, Path::new("/dev/usbtmc1"));
        for (vendor, serial) in [(0x1ab1, "DS1K3"), (0x1ab1, "DS1K4"), (0x0957, "DS1K1")] {
            assert!(find_in(listed.path(), vendor, 0x0588, serial).is_err());
        }
    }
}
