#include "service/state_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "host/fixture.h"

namespace halfclosed::host {
namespace {

using namespace std::chrono_literals;

class StateFileTest : public testing::Test {
 protected:
    StateFileTest() {
        std::string pattern = testing::TempDir() + "/halfclosed-state-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~StateFileTest() override { std::filesystem::remove_all(directory_); }

    StateFile state_file(const std::string& boot_id = "this-boot") const {
        return StateFile(directory_, boot_id);
    }
    void write(const std::string& text) const {
        std::ofstream(state_file().path(), std::ios::binary) << text;
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            names.push_back(entry.path().filename());
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    /// Loads, and expects that the file there is set aside with this complaint about it.
    void expect_set_aside(const std::string& why) const {
        const StateFile file = state_file();
        const StateFile::Loaded loaded = file.load(1h);
        EXPECT_TRUE(loaded.sockets.empty());
        EXPECT_EQ(loaded.complaint,
                  file.path() + ": " + why + "; set aside as " + file.path() + ".bad");
        EXPECT_EQ(files(), (std::vector<std::string>{"sockets.bad"}));
    }

    std::string directory_;
};

const std::vector<KnownSocket> kSockets{{.cookie = 1, .state = 8, .dated = 0, .since_ns = 1000},
                                        {.cookie = 2, .state = 5, .dated = 2, .since_ns = 2000}};

TEST_F(StateFileTest, WhatIsSavedIsLoaded) {
    state_file().save(kSockets);
    const StateFile::Loaded loaded = state_file().load(1h);
    EXPECT_EQ(loaded.sockets, kSockets);
    EXPECT_EQ(loaded.complaint, std::nullopt);
    EXPECT_EQ(files(), (std::vector<std::string>{"sockets"}));
}

TEST_F(StateFileTest, TheLastSaveStands) {
    state_file().save(kSockets);
    state_file().save({kSockets[1]});
    EXPECT_EQ(state_file().load(1h).sockets, (std::vector<KnownSocket>{kSockets[1]}));
}

TEST_F(StateFileTest, IsForItsOwnerOnly) {
    state_file().save(kSockets);
    struct stat status {};
    ASSERT_EQ(::stat(state_file().path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(StateFileTest, NoFileIsNothingToComplainOf) {
    const StateFile::Loaded loaded = state_file().load(1h);
    EXPECT_TRUE(loaded.sockets.empty());
    EXPECT_EQ(loaded.complaint, std::nullopt);
}

TEST_F(StateFileTest, AnotherBootsSocketsAreNotOurs) {
    state_file("boot-before").save(kSockets);
    const StateFile::Loaded loaded = state_file().load(1h);
    EXPECT_TRUE(loaded.sockets.empty());
    EXPECT_EQ(loaded.complaint, std::nullopt);
    EXPECT_EQ(files(), (std::vector<std::string>{"sockets"}));
}

TEST_F(StateFileTest, WhatIsDatedInTheFutureIsDropped) {
    state_file().save(kSockets);
    EXPECT_EQ(state_file().load(1500ns).sockets, (std::vector<KnownSocket>{kSockets[0]}));
}

TEST_F(StateFileTest, ADamagedFileIsSetAside) {
    state_file().save(kSockets);
    write(with(posix::read_file(state_file().path()), "1000", "1001"));
    expect_set_aside("the checksum does not match");
}

TEST_F(StateFileTest, AnEmptyFileIsSetAside) {
    write("");
    expect_set_aside("is not a state file of halfclosed");
}

TEST_F(StateFileTest, AnotherProgramsFileIsSetAsideAsItIs) {
    write("somebody else's\n");
    expect_set_aside("is not a state file of halfclosed");
    EXPECT_EQ(posix::read_file(state_file().path() + ".bad"), "somebody else's\n");
}

TEST_F(StateFileTest, AHugeFileIsSetAside) {
    write("");
    std::filesystem::resize_file(state_file().path(), std::uintmax_t{1} << 40U);
    expect_set_aside("larger than 4194304 bytes");
}

TEST_F(StateFileTest, APipeInItsPlaceDoesNotHoldUp) {
    ASSERT_EQ(::mkfifo(state_file().path().c_str(), 0600), 0);
    expect_set_aside("is not a state file of halfclosed");
}

TEST_F(StateFileTest, ADirectoryInItsPlaceIsSetAside) {
    std::filesystem::create_directory(state_file().path());
    expect_set_aside("Is a directory");
}

TEST_F(StateFileTest, WhatCannotBeSetAsideIsSaid) {
    write("x");
    std::filesystem::create_directories(state_file().path() + ".bad/in the way");
    const StateFile::Loaded loaded = state_file().load(1h);
    EXPECT_TRUE(loaded.sockets.empty());
    EXPECT_EQ(loaded.complaint, state_file().path() +
                                    ": is not a state file of halfclosed; it could not be set "
                                    "aside: Is a directory");
}

TEST_F(StateFileTest, SavingAfterSettingAsideBeginsAnew) {
    write("x");
    state_file().load(1h);
    state_file().save(kSockets);
    EXPECT_EQ(state_file().load(1h).sockets, kSockets);
    EXPECT_EQ(files(), (std::vector<std::string>{"sockets", "sockets.bad"}));
}

TEST_F(StateFileTest, WithoutADirectorySavingIsAnError) {
    const StateFile file(directory_ + "/missing", "this-boot");
    EXPECT_EQ(complaint([&] { file.save(kSockets); }),
              directory_ + "/missing/sockets: No such file or directory");
    EXPECT_TRUE(file.load(1h).sockets.empty());
}

TEST_F(StateFileTest, WhenThereIsNoRoomTheOldFileStays) {
    state_file().save(kSockets);
    // In a child, files may not grow past 4 KiB: what a full disk does to a writer.
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::vector<KnownSocket> many(1000);
        for (std::size_t i = 0; i < many.size(); ++i) {
            many[i].cookie = i;
        }
        const std::string error = complaint([&] { state_file().save(many); });
        ::_exit(error == state_file().path() + ": File too large" ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(state_file().load(1h).sockets, kSockets);
    EXPECT_EQ(files(), (std::vector<std::string>{"sockets"}));
}

TEST_F(StateFileTest, AKillAtAnyMomentLeavesAWholeFile) {
    std::vector<KnownSocket> other(2000);
    for (std::size_t i = 0; i < other.size(); ++i) {
        other[i].cookie = i;
    }
    state_file().save(kSockets);
    for (int i = 0; i < 50; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            while (true) {
                state_file().save(kSockets);
                state_file().save(other);
            }
        }
        std::this_thread::sleep_for(std::chrono::microseconds(500 + i * 137));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const StateFile::Loaded loaded = state_file().load(1h);
        ASSERT_EQ(loaded.complaint, std::nullopt);
        ASSERT_TRUE(loaded.sockets == kSockets || loaded.sockets == other);
    }
    state_file().save(kSockets);
    EXPECT_EQ(files(), (std::vector<std::string>{"sockets"})) << "a kill leaves nothing for good";
}

TEST(BootId, IsTheKernels) {
    EXPECT_EQ(read_boot_id() + "\n", posix::read_file("/proc/sys/kernel/random/boot_id"));
    EXPECT_EQ(read_boot_id().size(), 36U);
}

TEST(ClockId, NamesTheOffsetOfTheTimeNamespaceToo) {
    EXPECT_EQ(parse_clock_offset(
                  "monotonic           0         0\nboottime            0         0\n", "f"),
              "");
    EXPECT_EQ(parse_clock_offset(
                  "monotonic       86400         0\nboottime            7         0\n", "f"),
              "86400.0");
    EXPECT_EQ(parse_clock_offset("monotonic          -5 500000000\n", "f"), "-5.500000000");
    EXPECT_THROW(parse_clock_offset("", "f"), posix::Error);
    EXPECT_THROW(parse_clock_offset("boottime 0 0\n", "f"), posix::Error);
    EXPECT_EQ(read_clock_id().substr(0, 46), read_boot_id() + "/monotonic");
}

}  // namespace
}  // namespace halfclosed::host
