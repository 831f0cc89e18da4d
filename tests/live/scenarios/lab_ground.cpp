#include "lab_ground.h"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <system_error>

namespace halfclosed::scenarios {

namespace {

constexpr uid_t kNobody = 65534;

void check(int result, const char* attempt) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), attempt);
    }
}

/// For what the lab starts, not for this process, whose sanitizer has read its options before. The lab's programs are
/// in a PID namespace of their own and see the /proc of another, where LeakSanitizer takes what bears their number for
/// themselves (sanitizer_linux.cpp:ThreadLister). What they leak, the tests find that start them without the lab.
[[maybe_unused]] const int kWithoutLeakDetection = [] {
    const char* const options = std::getenv("ASAN_OPTIONS");
    const std::string given = options == nullptr ? "" : std::string(options) + ":";
    return setenv("ASAN_OPTIONS", (given + "detect_leaks=0").c_str(), 1);
}();

}  // namespace

ProgramsForAll::ProgramsForAll() {
    std::string path = std::filesystem::temp_directory_path() / "halfclosed-programs-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    directory_ = path;
    std::filesystem::permissions(directory_, std::filesystem::perms{0755});
    for (const char* program : {"daytime-server", "daytime-client"}) {
        std::filesystem::copy(find_programs() / program, directory_ / program);
    }
}

ProgramsForAll::~ProgramsForAll() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string in_child(const std::function<std::string()>& body) {
    int ends[2];
    check(pipe(ends), "pipe");
    const pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
        std::string said;
        try {
            said = body();
        } catch (const std::exception& error) {
            said = error.what();
        }
        [[maybe_unused]] const auto written = write(ends[1], said.data(), said.size());
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    std::array<char, 4096> buffer;
    for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
        said.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return said;
}

void become_nobody() {
    check(setgroups(0, nullptr), "setgroups");
    check(setresgid(kNobody, kNobody, kNobody), "setresgid");
    check(setresuid(kNobody, kNobody, kNobody), "setresuid");
}

}  // namespace halfclosed::scenarios
