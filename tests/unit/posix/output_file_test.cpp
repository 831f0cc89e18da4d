#include "posix/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "posix/file.h"

namespace halfclosed::posix {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public testing::Test {
 protected:
    OutputFileTest() {
        std::string pattern = testing::TempDir() + "/halfclosed-output-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    ~OutputFileTest() override { fs::remove_all(folder_); }

    std::string at(const std::string& name) const { return folder_ + "/" + name; }
    std::string with(const std::string& name, const std::string& text) const {
        std::ofstream(at(name)) << text;
        return at(name);
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }
    static void put(const std::string& path, const std::string& text) {
        OutputFile file(path);
        file.write(text);
        file.publish();
    }
    static mode_t mode(const std::string& path) {
        struct stat status {};
        EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
        return status.st_mode;
    }

    std::string folder_;
};

TEST_F(OutputFileTest, AnOldFileStaysUntilTheNewOneIsWhole) {
    const std::string path = with("x", "old");
    {
        OutputFile file(path);
        file.write("new");
        std::fflush(file.stream());
        EXPECT_EQ(read_file(path), "old");
        file.publish();
        EXPECT_EQ(read_file(path), "new");
        file.write(", and more");
        file.publish();
    }
    EXPECT_EQ(read_file(path), "new, and more");
    EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, WhatIsNotPublishedNeverWas) {
    const std::string path = with("x", "old");
    { OutputFile(path).write("half"); }
    { OutputFile(at("y")).write("half"); }
    EXPECT_EQ(read_file(path), "old");
    EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFileTest, KeepsTheModeOfAnOldFileAndHeedsTheUmaskForANewOne) {
    ASSERT_EQ(::chmod(with("old", "").c_str(), 0640), 0);
    const mode_t before = ::umask(027);
    put(at("old"), "x");
    put(at("new"), "x");
    ::umask(before);
    EXPECT_EQ(mode(at("old")) & 07777U, 0640U);
    EXPECT_EQ(mode(at("new")) & 07777U, 0640U);
}

TEST_F(OutputFileTest, FollowsLinksToAFileAndToNone) {
    with("file", "old");
    fs::create_symlink("file", at("link"));
    fs::create_symlink("link", at("link-to-link"));
    fs::create_symlink("none-yet", at("dangling"));
    fs::create_symlink("loop", at("loop"));
    put(at("link-to-link"), "new");
    put(at("dangling"), "made");
    EXPECT_EQ(read_file(at("file")), "new");
    EXPECT_EQ(read_file(at("none-yet")), "made");
    EXPECT_TRUE(fs::is_symlink(at("link")) && fs::is_symlink(at("link-to-link")) &&
                fs::is_symlink(at("dangling")));
    EXPECT_THROW(put(at("loop"), ""), std::system_error);
}

TEST_F(OutputFileTest, ADeviceIsWrittenThroughAndStays) {
    struct stat before {};
    ASSERT_EQ(::stat("/dev/null", &before), 0);
    put("/dev/null", "gone");
    fs::create_symlink("/dev/null", at("link"));
    put(at("link"), "gone");
    struct stat after {};
    ASSERT_EQ(::stat("/dev/null", &after), 0);
    EXPECT_TRUE(S_ISCHR(after.st_mode));
    EXPECT_EQ(after.st_ino, before.st_ino);
    if (::mknod(at("own-null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0) {
        try {
            put(at("own-null"), "gone");
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code().value(), EACCES) << "a mount with nodev";
        }
        EXPECT_TRUE(S_ISCHR(mode(at("own-null"))));
    }
    EXPECT_THROW(put("/dev/full", "x"), std::system_error);
}

TEST_F(OutputFileTest, APipeIsWrittenThroughAndItsReadersEndIsNoticed) {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
    Descriptor reader(::open(at("fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    OutputFile file(at("fifo"));
    file.write("through");
    file.publish();
    char text[8] = {};
    EXPECT_EQ(::read(reader.get(), text, sizeof text), 7);
    EXPECT_STREQ(text, "through");
    EXPECT_TRUE(has_reader(file.descriptor()));
    { const Descriptor closed = std::move(reader); }
    EXPECT_FALSE(has_reader(file.descriptor()));
    file.write("into the void");
    EXPECT_THROW(file.publish(), ReaderGoneError);
    EXPECT_TRUE(S_ISFIFO(mode(at("fifo"))));
}

TEST_F(OutputFileTest, ADescriptorOfOursIsWrittenWhereItStands) {
    const std::string path = with("log", "");
    const Descriptor log(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::write(log.get(), "before ", 7), 7);
    put("/dev/fd/" + std::to_string(log.get()), "after");
    put("/proc/self/fd/" + std::to_string(log.get()), ", twice");
    EXPECT_EQ(read_file(path), "before after, twice");
}

TEST_F(OutputFileTest, WhatCannotBeWrittenIsSaidBeforeAnythingIsDone) {
    for (const std::string& path : {folder_, at("none/x"), std::string("/")}) {
        EXPECT_THROW(check_writable(path), std::system_error) << path;
        EXPECT_THROW(OutputFile{path}, std::system_error) << path;
    }
    EXPECT_NO_THROW(check_writable(at("new")));
    EXPECT_NO_THROW(check_writable("/dev/null"));
    EXPECT_NO_THROW(check_writable("-"));
    EXPECT_EQ(files(), 0U);
}

TEST_F(OutputFileTest, WithAFixedNameWhatAKillLeftIsOverwritten) {
    with("x.new", "left behind");
    OutputFile file(at("x"), {.mode = 0600, .fixed_name = true});
    file.write("new");
    file.publish();
    EXPECT_EQ(read_file(at("x")), "new");
    EXPECT_EQ(mode(at("x")) & 0777U, 0600U);
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace halfclosed::posix
