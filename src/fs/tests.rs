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
