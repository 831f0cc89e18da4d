// Any bytes in place of the history: it is read, or set aside and a new one begun. What is read of it can be told.

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "history/counts_json.h"
#include "history/history_file.h"
#include "history/history_json.h"
#include "history/history_query.h"
#include "posix/error.h"

namespace {

/// In memory, if the machine has such a place; of this process.
std::string directory() {
    const std::filesystem::path shared = "/dev/shm";
    const auto place =
        (std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path()) /
        ("halfclosed-fuzz-" + std::to_string(getpid()));
    std::filesystem::create_directory(place);
    std::atexit([] {
        std::error_code ignored;
        for (const char* root : {"/dev/shm", "/tmp"}) {
            std::filesystem::remove_all(
                std::filesystem::path(root) / ("halfclosed-fuzz-" + std::to_string(getpid())),
                ignored);
        }
    });
    return place;
}

/// As `halfclosed history` and the page do.
void tell(const std::string& place) {
    using namespace halfclosed::history;
    const Connection connection = open_for_reading(place);
    for_each_socket(connection, {}, [](const HistoryRow& row) {
        if (history_line(row).find('\n') != std::string::npos) {
            std::abort();
        }
    });
    const halfclosed::WallTime end{std::chrono::hours{500'000}};
    counts_json(connection, {}, end, 300);
    counts_at(connection, end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string place = directory();
    for (const auto& entry : std::filesystem::directory_iterator(place)) {
        std::filesystem::remove(entry);
    }
    halfclosed::history::HistoryFile history(place, "fuzz", {});
    std::ofstream(history.path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    try {
        tell(place);
    } catch (const std::runtime_error&) {
    }
    try {
        history.open();
        history.check();
        history.guarded([&] { return history.open_sockets(); });
        history.write({});
    } catch (const halfclosed::history::SqliteError&) {
    } catch (const halfclosed::posix::Error&) {
    }
    return 0;
}
