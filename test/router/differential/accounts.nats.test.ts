import { testSuites } from './scripted.ts';
import { accountSuites } from './suites.ts';

testSuites(accountSuites);
