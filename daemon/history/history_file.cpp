#include "history/history_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "history/history_query.h"
#include "history/schema.h"
#include "posix/error.h"
#include "posix/file.h"

namespace halfclosed::history {

namespace {

/// The log is folded into the file at every so many pages of 4 KiB, and cut to it.
constexpr int kLogPages = 500;
constexpr std::uint64_t kLogBytes = std::uint64_t{kLogPages} * 4096 * 2;

std::uint64_t size_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

std::optional<std::string> HistoryFile::take_complaint() {
    return std::exchange(complaint_, std::nullopt);
}

std::uint64_t HistoryFile::size() const {
    return size_of(path()) + size_of(path() + "-wal");
}

/// A file of ours that only we may read; anything else that bears its name is out of the way.
void HistoryFile::prepare_file() {
    struct stat status {};
    if (::lstat(path().c_str(), &status) == 0) {
        if (!S_ISREG(status.st_mode)) {
            set_aside("is no plain file");
        }
        return;
    }
    const posix::Descriptor made(
        ::open(path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!made && errno != EEXIST) {
        throw posix::Error(path(), std::generic_category().message(errno));
    }
    // The log of a file that is gone would be taken for this one's.
    ::unlink((path() + "-wal").c_str());
    ::unlink((path() + "-shm").c_str());
}

void HistoryFile::set_aside(const std::string& why) {
    connection_.reset();
    const std::string aside = path() + ".bad";
    std::string what = path() + ": " + why + "; ";
    if (std::rename(path().c_str(), aside.c_str()) == 0) {
        what += "set aside as " + aside;
    } else {
        what += "it could not be set aside: " + std::generic_category().message(errno);
    }
    ::unlink((path() + "-wal").c_str());
    ::unlink((path() + "-shm").c_str());
    complaint_ = what;
}

/// A file that says of itself that it must not be written, and may be by its permissions, is damaged too.
bool HistoryFile::is_damage(const SqliteError& error) const {
    return error.damaged() || (error.read_only() && ::access(path().c_str(), W_OK) == 0);
}

void HistoryFile::note_damage(const SqliteError& error) {
    if (is_damage(error)) {
        set_aside(error.what());
    }
}

void HistoryFile::open() {
    for (int attempt = 0; attempt < 2 && !connection_; ++attempt) {
        prepare_file();
        try {
            connection_.emplace(path(), Connection::Mode::write);
            configure();
        } catch (const SqliteError& error) {
            connection_.reset();
            if (!is_damage(error)) {
                throw;
            }
            set_aside(error.what());
        }
    }
    struct stat status {};
    if (!connection_ || ::stat(path().c_str(), &status) != 0) {
        throw posix::Error(path(), "cannot be used");
    }
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

/// A file that was deleted takes what is written as before, and nobody will read it.
bool HistoryFile::is_in_place() const {
    struct stat status {};
    return ::stat(path().c_str(), &status) == 0 && status.st_dev == device_ &&
           status.st_ino == inode_;
}

void HistoryFile::configure() {
    const Connection& connection = *connection_;
    // First what the file is: a pragma that fails on a damaged one says less.
    const Content content = content_of(connection);
    if (content == Content::foreign || content == Content::other_version) {
        set_aside(content == Content::foreign ? "is not a history of halfclosed"
                                              : "is of another version");
        return;
    }
    if (content == Content::empty) {
        connection.execute("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL");
    }
    connection.execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
        "PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024; PRAGMA temp_store = FILE; "
        "PRAGMA wal_autocheckpoint = " +
        std::to_string(kLogPages) + "; PRAGMA journal_size_limit = " + std::to_string(kLogBytes));
    if (content == Content::empty) {
        create_tables(connection);
    }
    connection.prepare("INSERT OR IGNORE INTO boots(clock) VALUES(?)").with(clock_).run();
    Statement boot = connection.prepare("SELECT id FROM boots WHERE clock = ?");
    boot.with(clock_).step();
    boot_ = boot.integer(0);
    observed_ = 0;
    end_other_boots();
}

/// What was open when its boot ended, ended with it: when it was last seen is all that is known.
void HistoryFile::end_other_boots() {
    connection_
        ->prepare(
            "UPDATE sockets SET how = 'not_observed', "
            "ended_ms = max(began_ms, ifnull((SELECT max(to_ms) FROM observed "
            "WHERE observed.boot = sockets.boot), began_ms)), "
            "ended_ns = max(began_ns, ifnull((SELECT max(to_ns) FROM observed "
            "WHERE observed.boot = sockets.boot), began_ns)) "
            "WHERE ended_ms IS NULL AND boot <> ?")
        .with(boot_)
        .run();
}

void HistoryFile::check() {
    guarded([this] {
        if (!connection_) {
            return;
        }
        Statement statement = connection_->prepare("PRAGMA quick_check(1)");
        const std::string verdict = statement.step() ? statement.text(0) : "no verdict";
        statement.reset();
        if (verdict != "ok") {
            set_aside("is damaged");
        }
    });
}

std::vector<RecordedSocket> HistoryFile::open_sockets() {
    std::vector<RecordedSocket> sockets;
    guarded([&] {
        if (connection_) {
            for_each_open_socket(*connection_, boot_, [&sockets](RecordedSocket&& socket) {
                sockets.push_back(std::move(socket));
            });
        }
    });
    return sockets;
}

std::uint64_t HistoryFile::used() const {
    return static_cast<std::uint64_t>(
        (connection_->number("PRAGMA page_count") - connection_->number("PRAGMA freelist_count")) *
        4096);
}

std::optional<Moment> HistoryFile::last_observed() {
    return guarded([this]() -> std::optional<Moment> {
        if (!connection_) {
            return std::nullopt;
        }
        Statement row = connection_->prepare(
            "SELECT to_ms, to_ns FROM observed WHERE boot = ? ORDER BY to_ns DESC LIMIT 1");
        return row.with(boot_).step() ? std::optional(moment(row.integer(0), row.integer(1)))
                                      : std::nullopt;
    });
}

/// Of the file itself: beside it there is its log.
std::uint64_t HistoryFile::most() const {
    return limits_.bytes - kLogBytes;
}

}  // namespace halfclosed::history
