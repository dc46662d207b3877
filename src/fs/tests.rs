use std::time::Duration;

use super::*;

#[test]
fn a_file_is_replaced_and_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f");
    write_atomic(&path, b"one").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    write_atomic(&path, b"two").unwrap();
    assert_eq!(read_text(&path).unwrap().as_deref(), Some("two"));
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(names(dir.path()).unwrap(), ["f"]);
}

#[test]
fn a_folder_never_replaces_another() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    create_dir_all(&a).unwrap();
    create_dir_all(&b).unwrap();
    assert!(!rename_new(&a, &b).unwrap());
    fs::remove_dir(&b).unwrap();
    assert!(rename_new(&a, &b).unwrap());
}

#[test]
fn a_second_name_of_a_program_is_made_once() {
    let dir = tempfile::tempdir().unwrap();
    let (program, name) = (dir.path().join("p"), dir.path().join("n"));
    fs::write(&program, "x").unwrap();
    link_program(&program, &name).unwrap();
    link_program(&program, &name).unwrap();
    assert_eq!(fs::metadata(&program).unwrap().ino(), fs::metadata(&name).unwrap().ino());
    assert_eq!(names(dir.path()).unwrap().len(), 2);
}

#[test]
fn a_fifo_is_no_file_and_does_not_block() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    rustix::fs::mknodat(CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    assert!(read_bytes(&fifo).unwrap_err().message().contains("not a regular file"));
}

#[test]
fn what_somebody_may_still_be_writing_is_not_swept() {
    let dir = tempfile::tempdir().unwrap();
    let below = dir.path().join("index");
    fs::create_dir(&below).unwrap();
    let made = |name: &str, hours: u64| {
        let file = File::create(below.join(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_hours(hours)).unwrap();
    };
    made(".gv-new.1.0.new", 0);
    made(".gv-new.2.0.old", 2);
    made("old", 2);
    sweep_stale(dir.path()).unwrap();
    assert_eq!(names(&below).unwrap(), [".gv-new.1.0.new", "old"]);
    sweep_stale(&dir.path().join("none")).unwrap();
}

#[test]
fn what_cannot_be_moved_is_told_with_both_paths_the_reason_and_the_way_out() {
    let error = moved(&io::Error::from_raw_os_error(Errno::NOSPC.raw_os_error()), Path::new("/a"), Path::new("/b"));
    assert_eq!(error.to_string(), "cannot move /a to /b: no space left on device");
    assert!(error.is_full() && error.hints()[0].starts_with("free some space"));
    let error = moved(&io::Error::from_raw_os_error(Errno::XDEV.raw_os_error()), Path::new("/a"), Path::new("/b"));
    assert_eq!(error.hints(), ["all of GV_ROOT has to lie on one file system"]);
}
