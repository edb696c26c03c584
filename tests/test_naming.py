"""Which names are one person's by the customs of English naming: particles, wives, titles, family."""

from __future__ import annotations

from tests.test_people import called, cast_of


class TestParticles:
    def test_a_title_stands_before_a_surname_with_particles(self) -> None:
        text = "Mr. van der Hagen rose. Mrs. van der Hagen slept. Mr. van der Hagen sighed at Madame de la Tour. " * 2
        cast = cast_of(text)
        three = {called(cast, n).id for n in ("Mr. van der Hagen", "Mrs. van der Hagen", "Madame de la Tour")}
        assert len(three) == 3
        assert called(cast, "Mr. van der Hagen").pronouns == "he"

    def test_the_family_with_particles_is_a_group(self) -> None:
        cast = cast_of("Mrs. von Hagen rose. The von Hagens dined early. Everyone feared the von Hagens.")
        assert called(cast, "the von Hagens").kind == "group"


class TestMonths:
    def test_a_first_name_that_is_a_month_goes_with_its_surname(self) -> None:
        cast = cast_of("He spoke to May Larkin. May laughed. Then May Larkin rose, and Miss Larkin left with May.")
        assert called(cast, "May Larkin") is called(cast, "May") is called(cast, "Miss Larkin")

    def test_a_month_before_a_name_is_none(self) -> None:
        cast = cast_of("In June Kitty went away. Kitty wrote in May Kitty would come. Kitty stayed.")
        assert {n for c in cast.characters for n in c.names} == {"Kitty"}


class TestWives:
    def test_a_wife_may_have_her_husband_s_whole_name(self) -> None:
        text = "Thurlow Pell sat down. Mrs. Thurlow Pell laughed at him. Thurlow rose, and he bowed. Pell left. "
        cast = cast_of(text * 3)
        assert called(cast, "Thurlow") is called(cast, "Thurlow Pell") is called(cast, "Pell")
        assert called(cast, "Mrs. Thurlow Pell") is not called(cast, "Thurlow Pell")
        assert called(cast, "Thurlow").pronouns == "he"

    def test_a_wife_may_have_her_own(self) -> None:
        cast = cast_of("Anna Pell sat down. Mrs. Anna Pell laughed. Anna rose, and she bowed. " * 3)
        assert called(cast, "Mrs. Anna Pell") is called(cast, "Anna Pell")


class TestBare:
    def test_a_surname_that_is_a_calling_stays_a_surname_beside_the_family_s_things(self) -> None:
        text = "Giles Archer rose. Archer saw it. He sighed. " * 45 + "The Archer carriage came, and the Archer box. "
        cast = cast_of(text)
        assert called(cast, "Archer") is called(cast, "Giles Archer")

    def test_a_name_with_he_is_not_the_lady_of_that_surname(self) -> None:
        cast = cast_of("Rhoda Dallas wept, and she left. Dallas came in, and he sat down. Dallas shut his eyes. " * 3)
        assert called(cast, "Dallas").id != called(cast, "Rhoda Dallas").id

    def test_the_first_name_of_a_titled_lady_who_is_named_without_the_title_is_hers(self) -> None:
        text = "Countess Orlova came. Clara Orlova sat down. Clara laughed. " * 4 + "Clara Varley was her maiden name. "
        cast = cast_of(text)
        assert called(cast, "Clara Orlova") is called(cast, "Countess Orlova")
        assert called(cast, "Clara") is called(cast, "Clara Orlova")

    def test_a_short_name_is_not_the_knight_s_own(self) -> None:
        text = "Sir Thomas Larkin read. Tom Larkin came in. Tom yawned. Sir Thomas frowned. Tom Larkin left. "
        cast = cast_of(text * 2)
        assert called(cast, "Tom Larkin") is called(cast, "Tom")
        assert called(cast, "Tom").id != called(cast, "Sir Thomas").id

    def test_the_widow_of_a_surname_is_she_and_not_her_husband(self) -> None:
        text = "Hugh Larkin died. He was old. The widow Larkin sold the mill. She wept. Mrs. Larkin left. " * 2
        cast = cast_of(text)
        assert called(cast, "widow Larkin") is called(cast, "Mrs. Larkin")
        assert called(cast, "Hugh Larkin").pronouns == "he"


class TestShared:
    BOTH = "Ralph Varley came in. Ralph sat down. Ralph yawned. Then Ralph Larkin came. Anna saw Ralph Larkin leave. "

    def test_the_bare_name_is_not_his_whom_the_narrator_goes_on_calling_in_full(self) -> None:
        cast = cast_of(self.BOTH * 5 + "Ralph Larkin came, and Ralph Larkin bowed. " * 4 + "Ralph laughed. " * 3)
        assert called(cast, "Ralph Varley").names["Ralph"] == 13
        assert "Ralph" not in called(cast, "Ralph Larkin").names

    def test_it_is_his_who_was_named_last_where_both_are_called_so(self) -> None:
        text = (
            "Ralph Varley came in. Ralph sat down. Anna rose. " * 5
            + "Ralph Larkin came. Ralph laughed. Anna left. " * 6
        )
        cast = cast_of(text)
        assert called(cast, "Ralph Varley").names["Ralph"] == 5
        assert called(cast, "Ralph Larkin").names["Ralph"] == 6

    def test_a_style_is_no_name(self) -> None:
        cast = cast_of(
            "Grace Varley came in. Grace sat down. “Her Grace is late,” said Tom. Your Grace, he thought. " * 2
        )
        assert called(cast, "Grace").names == {"Grace Varley": 2, "Grace": 2}


class TestNewNames:
    def test_a_married_woman_keeps_her_first_name_and_is_one(self) -> None:
        text = "June Larkin came. June sat down. June laughed. June rose. Mr. Varley bowed. " * 3
        cast = cast_of("Mr. Larkin slept. " + text + "A year later June Varley came home, and June wept.")
        assert called(cast, "June Varley") is called(cast, "June Larkin") is called(cast, "June")

    def test_two_women_who_share_a_first_name_stay_two(self) -> None:
        text = (
            "Ruth Larkin came. Ruth Varley sat down. Mr. Varley bowed to Ruth Larkin. Ruth Varley laughed. Ruth left. "
        )
        cast = cast_of("Everyone knew the Larkins. " + text * 3)
        assert called(cast, "Ruth Larkin").id != called(cast, "Ruth Varley").id

    def test_madame_is_the_countess_of_that_name(self) -> None:
        text = "Countess Orlova came. Madame Orlova sat down. She sighed. Madame Orlova rose. Countess Orlova left. "
        cast = cast_of(text * 3)
        assert called(cast, "Countess Orlova") is called(cast, "Madame Orlova")

    def test_mrs_is_another_than_lady(self) -> None:
        text = "Lady Larkin came. Mrs. Larkin sat down. She sighed. Mrs. Larkin rose. Lady Larkin left. "
        cast = cast_of(text * 3)
        assert called(cast, "Lady Larkin").id != called(cast, "Mrs. Larkin").id

    def test_a_lady_whom_the_narrative_calls_in_full_is_the_one_with_the_title(self) -> None:
        text = "Clara Orlova came in. Madame Orlova sat down. He took her hand. Clara sighed. Clara Orlova rose. "
        cast = cast_of(text * 4)
        assert called(cast, "Clara") is called(cast, "Madame Orlova")


class TestTitles:
    def test_on_the_continent_a_title_may_stand_before_a_first_name(self) -> None:
        text = "Anton Petrovitch came in. Monsieur Anton is late, said the cook. Anton Petrovitch sat down. "
        cast = cast_of(text * 2)
        assert called(cast, "Monsieur Anton") is called(cast, "Anton Petrovitch")

    def test_whoever_is_known_by_a_title_is_called_by_it_too(self) -> None:
        text = "The Princess rose. “What then, Princess?” said Emil. The Princess laughed, and Emil left. "
        cast = cast_of(text * 2)
        assert called(cast, "Princess") is called(cast, "the Princess")

    def test_a_father_s_name_tells_a_man_from_a_woman(self) -> None:
        text = "Nikita Andreyevitch rose. Then Sasha Petrovna spoke to Ilya Fomitch. Foma Ilyinichna wept. "
        cast = cast_of(text * 3)
        assert [called(cast, n).pronouns for n in ("Nikita Andreyevitch", "Ilya Fomitch")] == ["he", "he"]
        assert [called(cast, n).pronouns for n in ("Sasha Petrovna", "Foma Ilyinichna")] == ["she", "she"]
