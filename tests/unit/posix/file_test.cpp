#include "posix/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "host/fixture.h"

namespace halfclosed::posix {
namespace {

using host::complaint;

class FileTest : public testing::Test {
 protected:
    FileTest() {
        std::string pattern = testing::TempDir() + "/halfclosed-file-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~FileTest() override { std::filesystem::remove_all(directory_); }

    std::string write(const std::string& text) const {
        std::ofstream(directory_ + "/file", std::ios::binary) << text;
        return directory_ + "/file";
    }

    std::string directory_;
};

TEST_F(FileTest, ReadsTheWholeFileToTheByte) {
    for (const std::size_t size :
         std::initializer_list<std::size_t>{0, 1, 16'384, 16'385, 40'000}) {
        const std::string text(size, 'x');
        EXPECT_EQ(read_file(write(text)), text) << size;
    }
}

TEST_F(FileTest, TheLimitIsTheLargestSizeThatIsRead) {
    const std::string path = write(std::string(100, 'x'));
    EXPECT_EQ(read_file(path, 100).size(), 100U);
    EXPECT_EQ(complaint([&] { read_file(path, 99); }), path + ": larger than 99 bytes");
}

TEST_F(FileTest, AnEndlessFileIsAnError) {
    EXPECT_EQ(complaint([] { read_file("/dev/zero", 100'000); }),
              "/dev/zero: larger than 100000 bytes");
}

TEST_F(FileTest, AMissingFileIsNothingOrAnErrorAsAsked) {
    const std::string path = directory_ + "/missing";
    EXPECT_EQ(read_file_if_present(path), std::nullopt);
    EXPECT_EQ(complaint([&] { read_file(path); }), path + ": No such file or directory");
}

TEST_F(FileTest, WhatIsThereAndCannotBeReadIsAnErrorEitherWay) {
    EXPECT_EQ(complaint([&] { read_file_if_present(directory_); }),
              directory_ + ": Is a directory");
    const std::string path = write("x") + "/below";
    EXPECT_EQ(complaint([&] { read_file_if_present(path); }), path + ": Not a directory");
}

bool is_open(int number) {
    return ::fcntl(number, F_GETFD) != -1;
}

TEST(Descriptor, ClosesOnceAtTheEndOfItsLife) {
    int number = -1;
    {
        Descriptor first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        number = first.get();
        Descriptor second(std::move(first));
        EXPECT_FALSE(first);
        EXPECT_EQ(second.get(), number);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(Descriptor, WhatIsReleasedStaysOpen) {
    int number = -1;
    {
        Descriptor owner(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        number = owner.release();
    }
    EXPECT_TRUE(is_open(number));
    ::close(number);
}

TEST(Descriptor, AssignmentClosesWhatWasHeldBefore) {
    Descriptor held(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int before = held.get();
    held = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_NE(held.get(), before);
    EXPECT_FALSE(is_open(before));
}

}  // namespace
}  // namespace halfclosed::posix
