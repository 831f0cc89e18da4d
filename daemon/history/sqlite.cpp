#include "history/sqlite.h"

#include <sqlite3.h>

#include <system_error>
#include <utility>

namespace halfclosed::history {

namespace {

/// Of all connections: what a query needs beyond it is freed at once.
constexpr int kMostMemory = 2 * 1024 * 1024;

/// A reader, or a writer's checkpoint, may hold a lock for a moment.
constexpr int kBusyMilliseconds = 2'000;

[[noreturn]] void fail(sqlite3* connection, int code) {
    const int known = connection != nullptr ? sqlite3_extended_errcode(connection) : code;
    const int system = connection != nullptr ? sqlite3_system_errno(connection) : 0;
    std::string what = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    const bool of_system = (known & 0xff) == SQLITE_IOERR || (known & 0xff) == SQLITE_CANTOPEN;
    if (of_system && system != 0) {
        what = std::generic_category().message(system);
    }
    throw SqliteError(known, what);
}

}  // namespace

bool SqliteError::damaged() const {
    switch (code_ & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOMEM:
        case SQLITE_READONLY:
        case SQLITE_INTERRUPT:
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return false;
        default:
            return true;
    }
}

bool SqliteError::read_only() const {
    return (code_ & 0xff) == SQLITE_READONLY;
}

Statement::Statement(sqlite3* connection, const std::string& sql) {
    const int code = sqlite3_prepare_v2(connection, sql.c_str(), static_cast<int>(sql.size()) + 1,
                                        &statement_, nullptr);
    if (code != SQLITE_OK) {
        fail(connection, code);
    }
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {
}

void Statement::check(int code) const {
    if (code != SQLITE_OK) {
        fail(sqlite3_db_handle(statement_), code);
    }
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        sqlite3* const connection = sqlite3_db_handle(statement_);
        try {
            fail(connection, code);
        } catch (...) {
            reset();
            throw;
        }
    }
    return false;
}

void Statement::run() {
    while (step()) {
    }
    reset();
}

void Statement::reset() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Statement::maybe_integer(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL ? std::nullopt
                                                                  : std::optional(integer(column));
}

std::string Statement::text(int column) const {
    const void* const bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr
               ? std::string()
               : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::optional<std::string> Statement::maybe_text(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL ? std::nullopt
                                                                  : std::optional(text(column));
}

void Statement::bind(int index, std::int64_t value) {
    check(sqlite3_bind_int64(statement_, index, value));
}

void Statement::bind(int index, const std::string& value) {
    check(sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()),
                            SQLITE_TRANSIENT));
}

void Statement::bind_null(int index) {
    check(sqlite3_bind_null(statement_, index));
}

Connection::Connection(const std::string& path, Mode mode) {
    static const int heap = [] {
        sqlite3_soft_heap_limit64(kMostMemory);
        return 0;
    }();
    static_cast<void>(heap);
    // The caller's threads take turns: SQLite need not lock by itself.
    const int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI |
        (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    const int code = sqlite3_open_v2(path.c_str(), &connection_, flags, nullptr);
    if (code != SQLITE_OK) {
        try {
            fail(connection_, code);
        } catch (...) {
            sqlite3_close_v2(std::exchange(connection_, nullptr));
            throw;
        }
    }
    interrupter_ = std::make_shared<Interrupter>(connection_);
    sqlite3_extended_result_codes(connection_, 1);
    sqlite3_busy_timeout(connection_, kBusyMilliseconds);
    // What a damaged or hostile file could do beyond being read.
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

Connection::~Connection() {
    if (interrupter_) {
        interrupter_->forget();
    }
    sqlite3_close_v2(connection_);
}

Connection::Connection(Connection&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)),
      interrupter_(std::exchange(other.interrupter_, nullptr)) {
}

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(connection_, other.connection_);
    std::swap(interrupter_, other.interrupter_);
    return *this;
}

void Interrupter::interrupt() {
    const std::lock_guard lock(mutex_);
    if (connection_ != nullptr) {
        sqlite3_interrupt(connection_);
    }
}

void Interrupter::forget() {
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
}

void Connection::execute(const std::string& sql) const {
    const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        fail(connection_, code);
    }
}

std::int64_t Connection::number(const std::string& sql) const {
    Statement statement = prepare(sql);
    if (!statement.step()) {
        throw std::out_of_range(sql + " has no row");
    }
    return statement.integer(0);
}

std::int64_t Connection::last_row() const {
    return sqlite3_last_insert_rowid(connection_);
}

int Connection::changes() const {
    return sqlite3_changes(connection_);
}

void Connection::set_time_limit(std::chrono::milliseconds limit) const {
    // A thousand steps of SQLite's machine take well under a millisecond.
    struct Deadline {
        std::chrono::steady_clock::time_point at;
    };
    static thread_local Deadline deadline;
    deadline.at = std::chrono::steady_clock::now() + limit;
    if (limit.count() == 0) {
        sqlite3_progress_handler(connection_, 0, nullptr, nullptr);
        return;
    }
    sqlite3_progress_handler(
        connection_, 1'000,
        [](void* data) {
            return std::chrono::steady_clock::now() > static_cast<Deadline*>(data)->at ? 1 : 0;
        },
        &deadline);
}

Transaction::~Transaction() {
    if (open_) {
        try {
            connection_.execute("ROLLBACK");
        } catch (const SqliteError&) {  // SQLite has rolled it back by itself
        }
    }
}

void Transaction::commit() {
    connection_.execute("COMMIT");
    open_ = false;
}

}  // namespace halfclosed::history
